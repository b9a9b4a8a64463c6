// A safetensors file of synthetic tensors, made as it is read: nothing of it is on disk or held in memory.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ServedFile, sha256Of } from "./repos.ts";
import { syntheticBytes, type SyntheticTensor, tensorBytes } from "./syntheticTensors.ts";

const PIECE_BYTES = 1024 * 1024;
/** Hashing gigabytes takes seconds; what they came to is kept here, by all that they hang on. */
const HASHES = join(import.meta.dirname, "../../.cache/synthetic");
/** Another number whenever syntheticTensors.ts makes other bytes of the same tensors. */
const GENERATOR = 1;

export function syntheticFile(path: string, tensors: readonly SyntheticTensor[]): ServedFile {
  const entries: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const placed: { tensor: SyntheticTensor; start: number; end: number }[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const end = offset + tensorBytes(tensor);
    entries[tensor.name] = {
      dtype: tensor.dtype,
      shape: tensor.shape,
      data_offsets: [offset, end],
    };
    placed.push({ tensor, start: offset, end });
    offset = end;
  }
  const header = headerBytes(JSON.stringify(entries));
  const size = header.byteLength + offset;

  async function* stream(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (start < header.byteLength) yield header.subarray(start, Math.min(end, header.byteLength));
    for (const { tensor, start: first, end: last } of placed) {
      const from = Math.max(start - header.byteLength, first) - first;
      const to = Math.min(end - header.byteLength, last) - first;
      for (let at = from; at < to;) {
        const until = Math.min(to, at + PIECE_BYTES);
        // Tensors are made eight bytes at a time.
        const [a, b] = [Math.floor(at / 8) * 8, Math.ceil(until / 8) * 8];
        yield syntheticBytes(tensor, a, b).subarray(at - a, until - a);
        at = until;
        // Requests are answered by turns.
        await new Promise(setImmediate);
      }
    }
  }
  const file: ServedFile = { path, size, stream };
  return { ...file, sha256: () => keptHash(file, JSON.stringify([GENERATOR, tensors])) };
}

/** Length and JSON, padded so that the data begins at a multiple of 8. */
function headerBytes(json: string): Uint8Array {
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(new TextEncoder().encode(json.padEnd(length)), 8);
  return bytes;
}

async function keptHash(file: ServedFile, content: string): Promise<string> {
  const kept = join(HASHES, createHash("sha256").update(content).digest("hex"));
  if (existsSync(kept)) return readFileSync(kept, "utf8");
  const hash = await sha256Of(file);
  mkdirSync(HASHES, { recursive: true });
  writeFileSync(kept, hash);
  return hash;
}
