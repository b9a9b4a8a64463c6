// Branded integers: a layer is not a feature, a feature is not a token id.

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Zero-based block number; `resid_post` of layer 0 is the stream after the first block. */
export type Layer = Branded<"Layer">;
/** Row of `W_dec`. */
export type FeatureIndex = Branded<"FeatureIndex">;
/** Row of the embedding matrix. */
export type TokenId = Branded<"TokenId">;

function natural(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} must be a whole number from 0, found ${value}`);
  }
  return value;
}

export const layer = (value: number): Layer => natural(value, "A layer") as Layer;
export const featureIndex = (value: number): FeatureIndex =>
  natural(value, "A feature number") as FeatureIndex;
export const tokenId = (value: number): TokenId => natural(value, "A token id") as TokenId;
