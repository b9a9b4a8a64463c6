// A file of a repo as a ByteSource, straight from the network: nothing is kept.

import { assertRange, type ByteSource } from "../lib/byteSource.ts";
import { fetchRange, type HubFile, nameOf } from "./rangedFetch.ts";
import { notAsListed, wholeFileCheck } from "./wholeFile.ts";

export function hubSource(source: HubFile): ByteSource {
  const name = nameOf(source);
  const { file } = source;
  return {
    name,
    givesAway: true,
    size: () => Promise.resolve(file.size),
    async read(start, end, { signal } = {}) {
      assertRange(name, start, end, file.size);
      const bytes = new Uint8Array(end - start);
      let at = 0;
      for await (const piece of fetchRange(source, start, end, signal)) {
        bytes.set(piece, at);
        at += piece.byteLength;
      }
      const check = bytes.byteLength === file.size ? await wholeFileCheck(file) : null;
      check?.update(bytes);
      if (check !== null && !check.matches()) throw notAsListed(name);
      return bytes;
    },
    async *stream(start, end, { signal } = {}) {
      assertRange(name, start, end, file.size);
      yield* fetchRange(source, start, end, signal);
    },
  };
}
