// The repository's files, for tests in Node. A test page has a module of the same names (tests/engines/page/files.ts).

import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path on disk of one in the repository. */
export const repository = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** @param path in the repository, as of the others. */
export const readBytes = (path: string): Uint8Array<ArrayBuffer> => readFileSync(repository(path));

export const readText = (path: string): string => readFileSync(repository(path), "utf8");

export const isFile = (path: string): boolean =>
  statSync(repository(path), { throwIfNoEntry: false })?.isFile() ?? false;

/** Names in a folder, sorted. */
export const namesIn = (path: string): string[] => readdirSync(repository(path)).toSorted();
