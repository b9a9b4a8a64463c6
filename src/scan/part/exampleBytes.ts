// The examples of one feature as bytes. For each group how many there are, and for each of them: source, document,
// position, peak, length, strength (float32), and then, but for the peak, how many tokens it fires on, and of each the
// distance from the one before and the strength (bfloat16). Token ids stand in snippets; hashes follow from the place.

import { defined } from "../../lib/defined.ts";
import { bfloat16Bits, fromBfloat16Bits } from "../bfloat16.ts";
import { hashText, hashToken } from "../hash.ts";
import { type Firing, GROUPS, type Examples } from "../examples.ts";
import type { Sources } from "../sources.ts";
import { ByteCursor, ByteWriter } from "./bytes.ts";
import type { Snippets } from "./snippets.ts";

export function writeExamples(examples: Examples, feature: number): Uint8Array {
  const writer = new ByteWriter();
  for (let group = 0; group < GROUPS; group++) {
    const firings = examples.of(feature, group);
    writer.number(firings.length);
    for (const firing of firings) writeFiring(writer, firing);
  }
  return writer.done();
}

function writeFiring(writer: ByteWriter, firing: Firing): void {
  const { source, document, position, peak, ids, value, activations } = firing;
  for (const number of [source, document, position, peak, ids.length]) writer.number(number);
  writer.float32(value);
  const others = Array.from(activations.keys()).filter((i) => i !== peak && activations[i] !== 0);
  writer.number(others.length);
  let before = 0;
  for (const i of others) {
    writer.number(i - before);
    writer.uint16(bfloat16Bits(defined(activations[i])));
    before = i;
  }
}

interface ExampleReading {
  readonly examples: Examples;
  readonly sources: Sources;
  readonly snippets: Snippets;
  readonly seed: number;
  /** The strongest that a firing of the feature may be. */
  readonly max: number;
}

export function readExamples(
  bytes: Uint8Array,
  name: string,
  feature: number,
  reading: ExampleReading,
): void {
  const { examples } = reading;
  const cursor = new ByteCursor(bytes, name);
  for (let group = 0; group < GROUPS; group++) {
    const count = cursor.number(examples.size(group));
    for (let i = 0; i < count; i++) examples.offer(feature, group, readFiring(cursor, reading));
  }
  if (!cursor.ended) throw cursor.malformed("more follows than a feature has");
}

function readFiring(cursor: ByteCursor, reading: ExampleReading): Firing {
  const { examples, sources, snippets, seed, max } = reading;
  const source = cursor.number(sources.numbered().length - 1);
  const document = cursor.number(2 ** 32 - 1);
  const position = cursor.number(2 ** 32 - 1);
  const peak = cursor.number(Math.min(position, examples.window - 1));
  const length = cursor.number(examples.window);
  const value = cursor.float32();
  if (peak >= length) throw cursor.malformed("an example does not hold its peak");
  if (!(value >= 0 && value <= max)) throw cursor.malformed(`a firing is ${value} of ${max}`);
  const ids = snippets.find(source, document, position - peak, length);
  if (ids === null) throw cursor.malformed("an example has no text");
  const activations = new Float32Array(length);
  let at = 0;
  for (let others = cursor.number(length - 1); others > 0; others--) {
    at += cursor.number(length - 1 - at);
    const strength = fromBfloat16Bits(cursor.uint16());
    if (!(strength >= 0 && strength < Infinity))
      throw cursor.malformed(`a strength is ${strength}`);
    activations[at] = strength;
  }
  activations[peak] = value;
  const hash = hashToken(hashText(sources.name(source)) ^ seed, document, position);
  return { value, hash, source, document, position, peak, ids, activations };
}
