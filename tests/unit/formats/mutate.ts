// Seeded damage to files: bytes changed at random, and JSON with a value of it replaced, removed or doubled.

import * as fc from "fast-check";

/** What files that mean harm put where a number, name or list is expected. */
const NASTY: readonly unknown[] = [
  null,
  true,
  false,
  "",
  "F32",
  "BF16",
  "F99",
  "__proto__",
  "constructor",
  "none",
  "topk",
  "gemma2",
  "../../etc/passwd",
  "\u202eevil",
  "x".repeat(10_000),
  0,
  -0,
  1,
  -1,
  3,
  0.5,
  4,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
  -1e308,
  [],
  [[]],
  [null],
  [0],
  [-1, 4],
  [0, 2 ** 53 - 1],
  [4, 0],
  {},
  { a: {} },
  { dtype: "F32", shape: [1], data_offsets: [0, 4] },
];

export interface JsonDamage {
  /** Which child to go to at each level, modulo their number. */
  readonly path: readonly number[];
  readonly how: "replace" | "remove" | "double";
  readonly value: unknown;
}

export const jsonDamage: fc.Arbitrary<readonly JsonDamage[]> = fc.array(
  fc.record({
    path: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
    how: fc.constantFrom("replace", "replace", "remove", "double"),
    value: fc.oneof(fc.constantFrom(...NASTY), fc.integer(), fc.double(), fc.string()),
  }),
  { minLength: 1, maxLength: 3 },
);

export function damageJson(value: unknown, damage: readonly JsonDamage[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const { path, how, value: nasty } of damage) {
    let node = copy;
    path.forEach((step, depth) => {
      if (typeof node !== "object" || node === null) return;
      const object = node as Record<string, unknown>;
      const keys = Object.keys(object);
      const key = keys[step % Math.max(keys.length, 1)];
      if (key === undefined) return;
      const inner = object[key];
      const last = depth === path.length - 1 || typeof inner !== "object" || inner === null;
      if (!last) node = inner;
      else {
        node = null;
        if (how === "replace") object[key] = nasty;
        else if (how === "remove") delete object[key];
        else object[`${key}2`] = inner;
      }
    });
  }
  return copy;
}

export interface ByteDamage {
  readonly at: number;
  readonly how: "set" | "cut" | "insert" | "remove" | "repeat";
  readonly byte: number;
}

export const byteDamage: fc.Arbitrary<readonly ByteDamage[]> = fc.array(
  fc.record({
    // The first bytes are a length and opening braces: hit them often.
    at: fc.oneof(fc.nat(16), fc.nat(4000)),
    how: fc.constantFrom("set", "set", "cut", "insert", "remove", "repeat"),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...new TextEncoder().encode('{}[]":,\\-.eE0159 '))),
  }),
  { minLength: 1, maxLength: 4 },
);

export function damageBytes(bytes: Uint8Array, damage: readonly ByteDamage[]): Uint8Array {
  let out = [...bytes];
  for (const { at: anywhere, how, byte } of damage) {
    const at = anywhere % Math.max(out.length, 1);
    if (how === "set") out[at] = byte;
    else if (how === "cut") out = out.slice(0, at);
    else if (how === "insert") out.splice(at, 0, byte);
    else if (how === "remove") out.splice(at, 1 + (byte % 9));
    else out.splice(at, 0, ...out.slice(at, at + byte));
  }
  return Uint8Array.from(out);
}
