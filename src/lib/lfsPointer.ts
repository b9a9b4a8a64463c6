// What a clone without Git LFS holds in place of a large file: a few lines that say which file it would be.
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md

import { FacetError } from "./errors.ts";

/** "Pointer files must be less than 1024 bytes in size." */
export const MAX_POINTER_BYTES = 1024;

/** @param bytes the beginning of a file. */
export const isLfsPointer = (bytes: Uint8Array): boolean =>
  /^version https?:\/\/[\w.-]+\/spec\/v\d/.test(
    new TextDecoder().decode(bytes.subarray(0, MAX_POINTER_BYTES)),
  );

export const lfsPointer = (name: string): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: it is a Git LFS pointer, which stands for the file in a clone that was made without Git LFS. Run "git lfs pull" in the clone, or download the file itself.`,
  );
