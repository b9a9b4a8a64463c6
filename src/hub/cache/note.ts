// A small JSON value kept in the cache with its checksum. One that is damaged counts as not there.

import type { Checksum } from "./cell.ts";
import type { CacheStore, FilePath } from "./store.ts";

const HASH_BYTES = 8;
const MAX_NOTE_BYTES = 64 * 1024 * 1024;

/** undefined where there is none. */
export async function readNote(
  store: CacheStore,
  checksum: Checksum,
  path: FilePath,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const bytes = await store.withFile(path, signal, (file) => {
    const size = Math.min(file.size(), MAX_NOTE_BYTES);
    const content = new Uint8Array(size);
    return content.subarray(0, file.read(content, 0));
  });
  const text = bytes.subarray(HASH_BYTES);
  if (text.byteLength === 0) return undefined;
  const hash = checksum(text);
  if (!hash.every((byte, i) => byte === bytes[i])) return undefined;
  return JSON.parse(new TextDecoder().decode(text)) as unknown;
}

export async function writeNote(
  store: CacheStore,
  checksum: Checksum,
  path: FilePath,
  value: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  const text = new TextEncoder().encode(JSON.stringify(value));
  const bytes = new Uint8Array(HASH_BYTES + text.byteLength);
  bytes.set(checksum(text));
  bytes.set(text, HASH_BYTES);
  await store.withFile(path, signal, (file) => {
    file.write(bytes, 0);
    file.truncate(bytes.byteLength);
  });
}
