// Is a file that was read whole the one that the hub lists? Large files are listed with the SHA-256 of their content,
// small ones with the SHA-1 that git gives them.

import { createSHA256 } from "hash-wasm";
import { FacetError } from "../lib/errors.ts";
import type { RepoFile } from "./api.ts";

/** Takes a file's bytes from the first to the last, in any pieces, and then knows whether they are the listed ones. */
export interface WholeFileCheck {
  update(bytes: Uint8Array): void;
  matches(): boolean | Promise<boolean>;
}

/** git hashes `blob <size>\0` and the content; Web Crypto needs that at once, so files it is asked for stay small. */
const MAX_GIT_BYTES = 32 * 1024 * 1024;

/** null where the hub lists no hash that can be checked. */
export async function wholeFileCheck(file: RepoFile): Promise<WholeFileCheck | null> {
  if (file.sha256 !== null) {
    // WebCrypto hashes only what is in memory as a whole; this one takes a stream, at about 250 MB/s.
    const hash = await createSHA256();
    return {
      update: (bytes) => void hash.update(bytes),
      matches: () => hash.digest("hex") === file.sha256,
    };
  }
  if (file.gitSha1 !== null && file.size <= MAX_GIT_BYTES) {
    const header = new TextEncoder().encode(`blob ${file.size}\0`);
    const blob = new Uint8Array(header.byteLength + file.size);
    blob.set(header);
    let at = header.byteLength;
    return {
      update: (bytes) => {
        blob.set(bytes, at);
        at += bytes.byteLength;
      },
      matches: async () => hex(await crypto.subtle.digest("SHA-1", blob)) === file.gitSha1,
    };
  }
  return null;
}

export const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The error for a file that is not the listed one. */
export const notAsListed = (name: string): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: what came is not the file that the hub lists: its hash is another. It was damaged on the way and is not kept; try again.`,
  );
