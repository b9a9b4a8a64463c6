// The layouts of a product's work, which of them suit how many rows, and which one is taken. A layout's WGSL stands in
// kernels/product_<layout>.wgsl.

export type Layout = "tile" | "quad" | "vector" | "shared";

export interface Variant {
  readonly name: string;
  readonly layout: Layout;
  readonly constants: Readonly<Record<string, number>>;
  /** What a workgroup makes. */
  readonly group: { readonly rows: number; readonly blocks: number };
}

const registers = (layout: "tile" | "quad", ROWS: number): Variant => ({
  name: `${layout} ${ROWS}`,
  layout,
  constants: { ROWS },
  group: { rows: 4 * ROWS, blocks: 16 },
});
const vector = (ROWS: number, SPLIT: number): Variant => ({
  name: `vector ${ROWS}, split ${SPLIT}`,
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

export type RowClass = "one" | "four" | "few" | "many";

const rowClass = (rows: number): RowClass => {
  if (rows === 1) return "one";
  if (rows <= 4) return "four";
  return rows <= 16 ? "few" : "many";
};

/** What may be taken, the safest first: it needs no feature and no barrier. */
const CANDIDATES: Readonly<Record<RowClass, readonly Variant[]>> = {
  one: [registers("tile", 1), registers("quad", 1), vector(1, 16), vector(1, 64)],
  four: [registers("tile", 4), registers("quad", 4), vector(4, 16)],
  few: [registers("tile", 8), registers("quad", 8), registers("quad", 4), vector(4, 16)],
  many: [registers("tile", 8), registers("quad", 8), shared],
};

/** Before anything was measured: what gains most where loads cost more than barriers, and the other way round. */
const PREFERRED = {
  software: { one: "quad", four: "quad", few: "quad", many: "quad" },
  hardware: { one: "vector", four: "vector", few: "tile", many: "shared" },
} as const satisfies Record<string, Record<RowClass, Layout>>;

export interface VariantOptions {
  readonly software: boolean;
  /** The device has the feature "subgroups". */
  readonly subgroups: boolean;
  /** The only one to be taken wherever it can be; for tests. */
  readonly layout?: Layout;
}

export class Variants {
  readonly #chosen: Readonly<Record<RowClass, Variant>>;

  constructor({ software, subgroups, layout }: VariantOptions) {
    const preferred = PREFERRED[software ? "software" : "hardware"];
    const choose = (rows: RowClass): Variant => {
      const candidates = CANDIDATES[rows].filter((one) => subgroups || one.layout !== "quad");
      const wanted = layout ?? preferred[rows];
      const chosen = candidates.find((one) => one.layout === wanted) ?? candidates[0];
      if (!chosen) throw new Error(`No layout for ${rows} rows`);
      return chosen;
    };
    this.#chosen = {
      one: choose("one"),
      four: choose("four"),
      few: choose("few"),
      many: choose("many"),
    };
  }

  choose(rows: number): Variant {
    return this.#chosen[rowClass(rows)];
  }
}
