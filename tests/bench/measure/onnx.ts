// Writes ONNX models: nodes and constants in order, encoded as onnx.proto has them. Only what the benchmark's graphs
// need: f32 and int64 tensors of fixed shapes, standard operators and Microsoft's.

import protobuf from "protobufjs/minimal.js";

type Attribute = number | string | readonly number[] | { readonly float: number };
type Dims = readonly number[];

const FLOAT = 1;
const INT64 = 7;
/** AttributeProto.AttributeType */
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 };
const IR_VERSION = 10;
const OPSET = 20;

interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}
interface Constant {
  readonly name: string;
  readonly dims: Dims;
  readonly type: typeof FLOAT | typeof INT64;
  readonly bytes: Uint8Array;
}

/** A graph under construction. Values are named; operations give the name of what they make. */
export class OnnxGraph {
  readonly #nodes: Node[] = [];
  readonly #constants: Constant[] = [];
  readonly #inputs: { name: string; dims: Dims; type: number }[] = [];
  readonly #outputs: string[] = [];

  input(name: string, dims: Dims, type: "float" | "int64" = "float"): string {
    this.#inputs.push({ name, dims, type: type === "float" ? FLOAT : INT64 });
    return name;
  }

  floats(values: Float32Array, dims: Dims): string {
    return this.#constant(
      FLOAT,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      dims,
    );
  }

  scalar(value: number): string {
    return this.floats(Float32Array.of(value), []);
  }

  ints(values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant(INT64, bytes, [values.length]);
  }

  #constant(type: Constant["type"], bytes: Uint8Array, dims: Dims): string {
    const name = `c${this.#constants.length}`;
    this.#constants.push({ name, type, bytes, dims });
    return name;
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): string {
    const output = `n${this.#nodes.length}`;
    this.#nodes.push({ op, domain, inputs, output, attributes });
    return output;
  }

  /** Shows a value outside under a name of its own. */
  output(value: string, name: string): void {
    this.#nodes.push({ op: "Identity", domain: "", inputs: [value], output: name, attributes: {} });
    this.#outputs.push(name);
  }

  /** ModelProto. Field numbers are those of onnx.proto. */
  encode(): Uint8Array<ArrayBuffer> {
    const model = protobuf.Writer.create();
    model.uint32(tag(1, VARINT)).int64(IR_VERSION);
    message(model, 7, (graph) => {
      for (const node of this.#nodes) message(graph, 1, (to) => writeNode(to, node));
      graph.uint32(tag(2, BYTES)).string("facet-bench");
      for (const constant of this.#constants) message(graph, 5, (to) => writeTensor(to, constant));
      for (const input of this.#inputs) message(graph, 11, (to) => writeValue(to, input));
      for (const name of this.#outputs)
        message(graph, 12, (to) => to.uint32(tag(1, BYTES)).string(name));
    });
    for (const [domain, version] of [
      ["", OPSET],
      ["com.microsoft", 1],
    ] as const) {
      message(model, 8, (to) => {
        to.uint32(tag(1, BYTES)).string(domain).uint32(tag(2, VARINT)).int64(version);
      });
    }
    return Uint8Array.from(model.finish());
  }
}

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;
const tag = (field: number, wire: number): number => (field << 3) | wire;

function message(
  writer: protobuf.Writer,
  field: number,
  write: (writer: protobuf.Writer) => void,
): void {
  write(writer.uint32(tag(field, BYTES)).fork());
  writer.ldelim();
}

function writeNode(to: protobuf.Writer, { op, domain, inputs, output, attributes }: Node): void {
  for (const input of inputs) to.uint32(tag(1, BYTES)).string(input);
  to.uint32(tag(2, BYTES)).string(output);
  to.uint32(tag(4, BYTES)).string(op);
  for (const [name, value] of Object.entries(attributes)) {
    message(to, 5, (attribute) => {
      attribute.uint32(tag(1, BYTES)).string(name);
      const type = (kind: number): void => void attribute.uint32(tag(20, VARINT)).int32(kind);
      if (typeof value === "number") {
        attribute.uint32(tag(3, VARINT)).int64(value);
        type(ATTRIBUTE.int);
      } else if (typeof value === "string") {
        attribute.uint32(tag(4, BYTES)).string(value);
        type(ATTRIBUTE.string);
      } else if ("float" in value) {
        attribute.uint32(tag(2, FIXED32)).float(value.float);
        type(ATTRIBUTE.float);
      } else {
        for (const item of value) attribute.uint32(tag(8, VARINT)).int64(item);
        type(ATTRIBUTE.ints);
      }
    });
  }
  to.uint32(tag(7, BYTES)).string(domain);
}

function writeTensor(to: protobuf.Writer, { name, dims, type, bytes }: Constant): void {
  for (const dim of dims) to.uint32(tag(1, VARINT)).int64(dim);
  to.uint32(tag(2, VARINT)).int32(type);
  to.uint32(tag(8, BYTES)).string(name);
  to.uint32(tag(9, BYTES)).bytes(bytes);
}

function writeValue(
  to: protobuf.Writer,
  { name, dims, type }: { name: string; dims: Dims; type: number },
): void {
  to.uint32(tag(1, BYTES)).string(name);
  message(to, 2, (typeProto) => {
    message(typeProto, 1, (tensorType) => {
      tensorType.uint32(tag(1, VARINT)).int32(type);
      message(tensorType, 2, (shape) => {
        for (const dim of dims) message(shape, 1, (one) => one.uint32(tag(1, VARINT)).int64(dim));
      });
    });
  });
}
