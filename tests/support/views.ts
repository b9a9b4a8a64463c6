// Random views, for tests of links.

import fc from "fast-check";
import { EDIT_LIMITS, type EditPositions } from "../../src/lib/edits.ts";
import { cleanNote } from "../../src/state/list.ts";
import { COLOURS, type ListedEdit, SORT_KEYS, type View } from "../../src/state/view.ts";

const repo = fc.stringMatching(
  /^[a-zA-Z0-9][\w.-]{0,20}(\/[a-zA-Z0-9][\w.-]{0,20})?(@[a-f0-9]{7})?$/,
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(arbitrary, { nil: null });
const logRate = fc.integer({ min: -12_000_000, max: 0 }).map((n) => n / 1e6);

const line = fc.string({ unit: "binary", maxLength: 40 }).map(cleanNote);

const positions: fc.Arbitrary<EditPositions> = fc.oneof(
  fc.constant("all" as const),
  fc.record({ from: fc.nat(999_999) }),
  fc.array(fc.nat(999_999), { minLength: 1, maxLength: 5 }),
);
const editBase = { feature: fc.nat(999_999_999), positions, on: fc.boolean() };
const anyEdit: fc.Arbitrary<ListedEdit> = fc.oneof(
  fc.record({ ...editBase, mode: fc.constant("ablate" as const) }),
  ...(["clamp", "scale", "steer"] as const).map((mode) => {
    const most = EDIT_LIMITS[mode];
    // A number's text has no negative zero.
    const value = fc.double({ min: -most, max: most, noNaN: true }).map((number) => number + 0);
    return fc.record({ ...editBase, mode: fc.constant(mode), value });
  }),
);

/** Any view that a link can hold. */
export const anyView: fc.Arbitrary<View> = fc.record({
  place: fc.constantFrom("text", "feature", "find", "sae", "compare"),
  embed: fc.boolean(),
  model: repo,
  sae: repo,
  modelRevision: orNull(fc.stringMatching(/^[a-f0-9]{40}$/)),
  saeRevision: orNull(fc.stringMatching(/^[a-f0-9]{40}$/)),
  endpoint: orNull(
    fc.constantFrom("https://hub.example", "http://127.0.0.1:8080", "https://a.example/mirror"),
  ),
  precision: orNull(fc.constantFrom("f32", "bf16", "f16", "int8", "int4")),
  backend: orNull(fc.constantFrom("webgpu", "tfjs-wasm", "tfjs-cpu")),
  activation: fc.constantFrom("tanh", "erf"),
  text: fc.string({ unit: "binary", maxLength: 200 }).map((text) => text.toWellFormed()),
  feature: orNull(fc.nat(999_999_999)),
  token: orNull(fc.nat(999_999_999)),
  colour: fc.constantFrom(...COLOURS),
  scale: fc.constantFrom("feature", "text"),
  mask: fc.constantFrom("all", "nonspecial"),
  units: fc.constantFrom("folded", "raw"),
  ranking: fc.constantFrom("max", "sum", "count"),
  maxLogDensity: orNull(logRate),
  newlines: fc.constantFrom("break", "inline"),
  spaces: fc.constantFrom("implicit", "dot"),
  mergeBytes: fc.boolean(),
  layout: fc.constantFrom("prose", "table"),
  deadThreshold: logRate,
  otherSae: orNull(repo),
  downstream: orNull(repo),
  otherRevision: orNull(fc.stringMatching(/^[a-f0-9]{40}$/)),
  otherPrecision: orNull(fc.constantFrom("f32", "bf16", "f16", "int8", "int4")),
  otherActivation: fc.constantFrom("tanh", "erf"),
  mapColour: fc.constantFrom("file", "scan", "difference"),
  mapLayout: fc.constantFrom("number", "similarity"),
  countAxis: fc.constantFrom("linear", "log"),
  sort: fc.constantFrom(...SORT_KEYS),
  descending: fc.boolean(),
  minLogDensity: orNull(logRate),
  onlyListed: fc.boolean(),
  promotes: orNull(fc.nat(999_999_999)),
  lensNorm: fc.constantFrom("without", "with"),
  query: line,
  list: fc.uniqueArray(fc.record({ feature: fc.nat(999_999_999), note: line }), {
    selector: ({ feature }) => feature,
    maxLength: 6,
  }),
  listName: line,
  edits: fc.array(anyEdit, { maxLength: 4 }),
  scan: orNull(fc.stringMatching(/^[a-f0-9]{32}$/)),
});

/** A view whose model and SAE ship with the page; `sae`, `feature` and `promotes` are among those given. */
export function bundledView(
  saes: readonly { key: string; dSae: number }[],
  vocabulary: number,
): fc.Arbitrary<View> {
  return fc
    .tuple(anyView, fc.constantFrom(...saes), fc.nat(), fc.constantFrom(...PRECISIONS))
    .map(([view, { key, dSae }, n, precision]) => ({
      ...view,
      model: "demo",
      sae: key,
      modelRevision: null,
      saeRevision: null,
      endpoint: null,
      precision,
      otherSae: view.otherSae === null ? null : (saes[view.list.length % saes.length]?.key ?? key),
      downstream: view.downstream === null ? null : (saes[n % saes.length]?.key ?? key),
      otherRevision: null,
      otherPrecision: precision,
      // Features of another SAE, and positions beyond the text, are refused in words: no view of their own.
      edits: [],
      feature: view.feature === null ? null : n % dSae,
      promotes: view.promotes === null ? null : n % vocabulary,
    }));
}

/** What the bundled model's file, in bf16, can be kept as. */
const PRECISIONS = [null, "f32", "bf16", "int8", "int4"] as const;
