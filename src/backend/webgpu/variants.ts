// The layouts of a product's work, and which of them is taken: measured once for each operation, format and class of
// shapes, and remembered; before that, what the kind of device suggests. A layout's WGSL stands in
// kernels/product_<layout>.wgsl. The measuring itself is tuner.ts.

import type { Precision } from "../../lib/report.ts";
import type { Constants, Kernel } from "./kernel.ts";

export type Layout = "tile" | "quad" | "wide" | "vector" | "shared";

/** What a product computes; one object for each operation. */
export interface Operation {
  readonly name: string;
  /** Outputs of a block of four sums. */
  readonly columnsOfBlock: number;
  /** It multiplies by three matrices, whose columns stand side by side. */
  readonly three: boolean;
  /** A row of its weights is what one input adds to every column, not what every input adds to one. */
  readonly weightsByInput: boolean;
  /** Layouts that cannot make it. */
  readonly without: readonly Layout[];
  /** Neutral contents of the bindings that are neither x nor weights, by their index; [rows or less, columns]. */
  readonly floats: Readonly<Record<number, (rows: number, columns: number) => Float32Array>>;
  readonly kernels: Readonly<Record<Layout, Readonly<Record<Precision, Kernel>>>>;
}

export interface Variant {
  readonly name: string;
  readonly layout: Layout;
  readonly constants: Constants;
  /** What a workgroup makes. */
  readonly group: { readonly rows: number; readonly blocks: number };
}

const tile = (ROWS: number): Variant => ({
  name: `tile ${ROWS}`,
  layout: "tile",
  constants: { ROWS },
  group: { rows: 4 * ROWS, blocks: 16 },
});
const quad = (ROWS: number): Variant => ({
  name: `quad ${ROWS}`,
  layout: "quad",
  constants: { ROWS },
  group: { rows: ROWS, blocks: 16 },
});
const wide: Variant = {
  name: "wide",
  layout: "wide",
  constants: {},
  group: { rows: 1, blocks: 64 },
};
const vector = (ROWS: number, SPLIT: number): Variant => ({
  name: `vector ${ROWS} split ${SPLIT}`,
  layout: "vector",
  constants: { ROWS, SPLIT },
  group: { rows: ROWS, blocks: 64 / SPLIT },
});
const shared: Variant = {
  name: "shared",
  layout: "shared",
  constants: {},
  group: { rows: 64, blocks: 16 },
};

/** By rows; one row with few columns is `narrow`: its columns alone keep no device busy. */
export type ShapeClass = "narrow" | "one" | "four" | "few" | "many";

/** Blocks of four sums. */
const NARROW_BLOCKS = 128;

const shapeClass = (rows: number, blocks: number): ShapeClass => {
  if (rows === 1) return blocks <= NARROW_BLOCKS ? "narrow" : "one";
  if (rows <= 4) return "four";
  return rows <= 16 ? "few" : "many";
};

/** What may be taken, the safest first: it needs no feature and no barrier, and the others are checked against it. */
export const CANDIDATES: Readonly<Record<ShapeClass, readonly Variant[]>> = {
  narrow: [tile(1), quad(1), wide, vector(1, 64), vector(1, 16)],
  one: [tile(1), quad(1), wide, vector(1, 16), vector(1, 64)],
  four: [tile(4), quad(4), vector(4, 16)],
  few: [tile(8), quad(8), quad(4), vector(4, 16)],
  many: [tile(8), quad(8), shared],
};

/**
 * Before anything was measured, the first that may be taken: what gains most where loads cost more than barriers, and the
 * other way round.
 */
const PREFERRED: Readonly<
  Record<"software" | "hardware", Readonly<Record<ShapeClass, readonly Layout[]>>>
> = {
  software: {
    narrow: ["quad"],
    one: ["wide", "quad"],
    four: ["quad"],
    few: ["quad"],
    many: ["quad"],
  },
  hardware: {
    narrow: ["vector"],
    one: ["vector"],
    four: ["vector"],
    few: ["tile"],
    many: ["shared"],
  },
};

/** Keeps what was measured, in memory or beyond a visit. Keys name the device. */
export interface VariantMemory {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

export interface VariantOptions {
  /** Names the device, in what is remembered. */
  readonly adapter: string;
  readonly software: boolean;
  /** The device has the feature "subgroups". */
  readonly subgroups: boolean;
  readonly memory: VariantMemory;
  /** The only one to be taken wherever it can be; for tests. */
  readonly layout?: Layout | undefined;
}

/** Of one operation, format and class of shapes. */
export interface Choice {
  readonly operation: Operation;
  readonly format: Precision;
  readonly shape: ShapeClass;
  /** The operation's, as they were first asked for. */
  readonly constants: Constants;
  readonly candidates: readonly Variant[];
  variant: Variant;
  /** Measured, here or on another visit. */
  settled: boolean;
}

/** Changes when kernels do: what was measured of others says nothing. */
const VERSION = 3;

export class Variants {
  readonly #options: VariantOptions;
  readonly #choices = new Map<Operation, Map<Precision, Partial<Record<ShapeClass, Choice>>>>();

  constructor(options: VariantOptions) {
    this.#options = options;
  }

  /** @param blocks of four sums in a row. */
  choose(
    operation: Operation,
    format: Precision,
    rows: number,
    blocks: number,
    constants: Constants,
  ): Variant {
    const shape = shapeClass(rows, blocks);
    const known = this.#choices.get(operation)?.get(format)?.[shape];
    return (known ?? this.#begin(operation, format, shape, constants)).variant;
  }

  /** One that was asked for and not measured yet. */
  unsettled(): Choice | null {
    for (const formats of this.#choices.values()) {
      for (const classes of formats.values()) {
        for (const choice of Object.values(classes)) if (!choice.settled) return choice;
      }
    }
    return null;
  }

  settle(choice: Choice, variant: Variant): void {
    choice.variant = variant;
    choice.settled = true;
    this.#options.memory.set(this.#key(choice), variant.name);
  }

  #begin(operation: Operation, format: Precision, shape: ShapeClass, constants: Constants): Choice {
    const { software, subgroups, layout, memory } = this.#options;
    const candidates = CANDIDATES[shape].filter(
      ({ layout: one }) => (subgroups || one !== "quad") && !operation.without.includes(one),
    );
    const wanted = layout ? [layout] : PREFERRED[software ? "software" : "hardware"][shape];
    const variant =
      wanted.flatMap((one) => candidates.find((candidate) => candidate.layout === one) ?? [])[0] ??
      candidates[0];
    if (!variant) throw new Error(`No layout for the shape "${shape}"`);
    const choice: Choice = {
      operation,
      format,
      shape,
      constants,
      candidates,
      variant,
      settled: layout !== undefined,
    };
    const remembered = memory.get(this.#key(choice));
    const again = candidates.find(({ name }) => name === remembered);
    if (again && layout === undefined) {
      choice.variant = again;
      choice.settled = true;
    }
    const formats =
      this.#choices.get(operation) ?? new Map<Precision, Partial<Record<ShapeClass, Choice>>>();
    this.#choices.set(operation, formats);
    formats.set(format, { ...formats.get(format), [shape]: choice });
    return choice;
  }

  #key({ operation, format, shape }: Choice): string {
    return `${VERSION} ${this.#options.adapter}: ${operation.name} ${format}, ${shape}`;
  }
}
