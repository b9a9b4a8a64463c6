// Gemma's forward to a layer and a ReLU SAE's encode, the slow and plain way, in float64 from the synthetic tensors'
// own bytes: no parser, no backend and no kernel of the app has a part in it.

import {
  elementBytes,
  type SyntheticTensor,
  syntheticBytes,
  tensorBytes,
} from "../hub/syntheticTensors.ts";

export interface Shape {
  readonly dModel: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly eps: number;
  readonly theta: number;
}

type Rows = Float64Array[];
type Tensors = ReadonlyMap<string, SyntheticTensor>;

const CHUNK_ROWS = 256;

function bytesOf(tensor: SyntheticTensor, fromRow: number, toRow: number): Float32Array {
  const [rows = 1] = tensor.shape;
  const rowBytes = tensorBytes(tensor) / rows;
  const bytes = syntheticBytes(tensor, fromRow * rowBytes, toRow * rowBytes);
  if (elementBytes(tensor.dtype) === 4) return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

function find(tensors: Tensors, name: string): SyntheticTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`No synthetic tensor ${name}`);
  return tensor;
}

/** x [T, K] · Wᵀ, W [N, K]. */
function linear(x: Rows, W: SyntheticTensor): Rows {
  const [N = 0, K = 0] = W.shape;
  const out = x.map(() => new Float64Array(N));
  for (let first = 0; first < N; first += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, N - first);
    const w = bytesOf(W, first, first + rows);
    x.forEach((row, t) => {
      const y = out[t] ?? new Float64Array(0);
      for (let n = 0; n < rows; n++) {
        let sum = 0;
        for (let k = 0, at = n * K; k < K; k++, at++) sum += (row[k] ?? 0) * (w[at] ?? 0);
        y[first + n] = sum;
      }
    });
  }
  return out;
}

function rmsNorm(x: Rows, weight: SyntheticTensor, eps: number): Rows {
  const w = bytesOf(weight, 0, weight.shape[0] ?? 0);
  return x.map((row) => {
    const mean = row.reduce((sum, value) => sum + value * value, 0) / row.length;
    return row.map((value, j) => (value / Math.sqrt(mean + eps)) * (1 + (w[j] ?? 0)));
  });
}

const add = (a: Rows, b: Rows): Rows =>
  a.map((row, t) => row.map((value, j) => value + (b[t]?.[j] ?? NaN)));

/** Half-split: pair i with i + headDim/2. */
function rotate(
  row: Float64Array,
  head: number,
  { headDim, theta }: Shape,
  position: number,
): Float64Array {
  const half = headDim / 2;
  const out = new Float64Array(headDim);
  for (let i = 0; i < half; i++) {
    const angle = position * theta ** (-i / half);
    const a = row[head * headDim + i] ?? NaN;
    const b = row[head * headDim + i + half] ?? NaN;
    out[i] = a * Math.cos(angle) - b * Math.sin(angle);
    out[i + half] = b * Math.cos(angle) + a * Math.sin(angle);
  }
  return out;
}

function attention(q: Rows, k: Rows, v: Rows, shape: Shape): Rows {
  const { heads, kvHeads, headDim } = shape;
  return q.map((row, t) => {
    const out = new Float64Array(heads * headDim);
    for (let head = 0; head < heads; head++) {
      const kv = Math.floor(head / (heads / kvHeads));
      const query = rotate(row, head, shape, t);
      const scores = Array.from({ length: t + 1 }, (_, s) => {
        const key = rotate(k[s] ?? row, kv, shape, s);
        return query.reduce((sum, value, i) => sum + value * (key[i] ?? 0), 0) / Math.sqrt(headDim);
      });
      const top = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - top));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let i = 0; i < headDim; i++) {
        const mixed = weights.reduce(
          (sum, weight, s) => sum + weight * (v[s]?.[kv * headDim + i] ?? 0),
          0,
        );
        out[head * headDim + i] = mixed / total;
      }
    }
    return out;
  });
}

/** gelu_pytorch_tanh. */
const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** resid_post of each of the layers 0…last, [T, d_model] each. */
export function residuals(
  tensors: Tensors,
  shape: Shape,
  ids: readonly number[],
  last: number,
): Rows[] {
  const E = find(tensors, "model.embed_tokens.weight");
  let x: Rows = ids.map((id) =>
    Float64Array.from(bytesOf(E, id, id + 1), (value) => value * Math.sqrt(shape.dModel)),
  );
  const out: Rows[] = [];
  for (let layer = 0; layer <= last; layer++) {
    const weight = (name: string): SyntheticTensor =>
      find(tensors, `model.layers.${layer}.${name}.weight`);
    const n = rmsNorm(x, weight("input_layernorm"), shape.eps);
    const [q, k, v] = ["q", "k", "v"].map((name) => linear(n, weight(`self_attn.${name}_proj`)));
    const mixed = attention(q ?? [], k ?? [], v ?? [], shape);
    const h = add(x, linear(mixed, weight("self_attn.o_proj")));
    const m = rmsNorm(h, weight("post_attention_layernorm"), shape.eps);
    const gate = linear(m, weight("mlp.gate_proj"));
    const up = linear(m, weight("mlp.up_proj"));
    const gated = gate.map((row, t) => row.map((value, j) => gelu(value) * (up[t]?.[j] ?? NaN)));
    x = add(h, linear(gated, weight("mlp.down_proj")));
    out.push(x);
  }
  return out;
}

/** x [T, d_in] · W_enc [d_in, d_sae] + b_enc: pre-activations, [T, d_sae]. */
export function preActivations(tensors: Tensors, x: Rows): Rows {
  const W_enc = find(tensors, "W_enc");
  const b_enc = find(tensors, "b_enc");
  const [dIn = 0, dSae = 0] = W_enc.shape;
  const bias = bytesOf(b_enc, 0, dSae);
  const out = x.map(() => Float64Array.from(bias));
  for (let first = 0; first < dIn; first += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, dIn - first);
    const w = bytesOf(W_enc, first, first + rows);
    x.forEach((row, t) => {
      const y = out[t] ?? new Float64Array(0);
      for (let k = 0; k < rows; k++) {
        const value = row[first + k] ?? NaN;
        for (let i = 0, at = k * dSae; i < dSae; i++, at++)
          y[i] = (y[i] ?? 0) + value * (w[at] ?? 0);
      }
    });
  }
  return out;
}
