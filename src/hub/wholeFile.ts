// Is a file that was read whole the one that the hub lists? Large files are listed with the SHA-256 of their content,
// small ones with the SHA-1 that git gives them.

import { FacetError } from "../lib/errors.ts";
import type { RepoFile } from "./api.ts";

/** Takes a file's bytes from the first to the last, in any pieces, and then knows whether they are the listed ones. */
export interface WholeFileCheck {
  update(bytes: Uint8Array): void;
  matches(): boolean;
}

/** null where the hub lists no hash. WebCrypto hashes only what is in memory as a whole, so a wasm library does it. */
export async function wholeFileCheck(file: RepoFile): Promise<WholeFileCheck | null> {
  const listed = file.sha256 ?? file.gitSha1;
  if (listed === null) return null;
  const { createSHA1, createSHA256 } = await import("hash-wasm");
  const hash = await (file.sha256 === null ? createSHA1() : createSHA256());
  // git hashes a header and then the content.
  if (file.sha256 === null) hash.update(`blob ${file.size}\0`);
  return {
    update: (bytes) => void hash.update(bytes),
    matches: () => hash.digest("hex") === listed,
  };
}

/** The error for a file that is not the listed one. */
export const notAsListed = (name: string): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: what came is not the file that the hub lists, its hash is another. It was damaged on the way and is not kept; try again.`,
  );
