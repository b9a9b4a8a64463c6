// The checksum of what is kept in this browser's storage: xxHash64.

import { createXXHash64 } from "hash-wasm";
import type { Checksum } from "./cell.ts";

export async function createChecksum(): Promise<Checksum> {
  const xxHash64 = await createXXHash64();
  return (bytes) => xxHash64.init().update(bytes).digest("binary");
}
