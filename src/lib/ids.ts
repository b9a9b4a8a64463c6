// Branded integers: a layer is no mere count.

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Zero-based block number; `resid_post` of layer 0 is the stream after the first block. */
export type Layer = Branded<"Layer">;
function natural(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} must be a whole number from 0, found ${value}`);
  }
  return value;
}

export const layer = (value: number): Layer => natural(value, "A layer") as Layer;
