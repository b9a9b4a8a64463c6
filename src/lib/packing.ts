// How results that hold analyses go from the worker to the page: activations as a few buffers that move, where lists
// would be an object for each activation, 60,000 for a long text.

import type { ActivationRows } from "./activations.ts";
import type { Analysis, ComparedSide, Comparison } from "./report.ts";
import { rowsOf, type TokenFacts, withRows } from "./tokenRows.ts";

interface Packing<Whole, Packed> {
  readonly pack: (result: Whole) => Packed;
  readonly unpack: (packed: Packed) => Whole;
  /** Buffers that the sender has no use for any more. */
  readonly moved: (packed: Packed) => Transferable[];
}

type PackedAnalysis = Omit<Analysis, "tokens"> & {
  readonly tokens: { readonly facts: readonly TokenFacts[]; readonly rows: ActivationRows };
};

type PackedSide = Omit<ComparedSide, "analysis"> & { readonly analysis: PackedAnalysis };

type PackedComparison = Omit<Comparison, "sides"> & {
  readonly sides: readonly [PackedSide, PackedSide];
};

const analysis: Packing<Analysis, PackedAnalysis> = {
  pack(result) {
    const { facts, activations } = rowsOf(result.tokens);
    return { ...result, tokens: { facts, rows: activations.rows } };
  },
  unpack: (packed) => ({ ...packed, tokens: withRows(packed.tokens.facts, packed.tokens.rows) }),
  moved: ({ tokens: { rows } }) =>
    [rows.rowStart, rows.index, rows.raw, rows.folded].map(({ buffer }) => buffer),
};

const pack = (side: ComparedSide): PackedSide => ({
  ...side,
  analysis: analysis.pack(side.analysis),
});
const unpack = (side: PackedSide): ComparedSide => ({
  ...side,
  analysis: analysis.unpack(side.analysis),
});

const comparison: Packing<Comparison, PackedComparison> = {
  pack: (result) => ({ ...result, sides: [pack(result.sides[0]), pack(result.sides[1])] }),
  unpack: (packed) => ({ ...packed, sides: [unpack(packed.sides[0]), unpack(packed.sides[1])] }),
  moved: ({ sides }) => sides.flatMap((side) => analysis.moved(side.analysis)),
};

export const PACKINGS = { analysis, comparison };
export type PackingName = keyof typeof PACKINGS;

/** By name, for who has a result of which only the name of its packing is known. */
export const packingOf = (name: PackingName): Packing<unknown, unknown> =>
  PACKINGS[name] as Packing<unknown, unknown>;
