// The operations' benchmark in Node, as `npm run bench -- --node` loads it: the same code as in the browser's workers, on
// Dawn (npm `webgpu`) and whatever GPU the machine has.

import { create, globals } from "webgpu";
import { type Ceilings, measureCeilings } from "./ceilings.ts";
import { type OperationBench, operationBench } from "./operationBench.ts";

Object.assign(globalThis, globals);

/** Dawn's instances must outlive every object made of them. */
const instances: GPU[] = [];

/** Each contender has its own, as it would in a worker. ONNX Runtime looks in `navigator` for one. */
function gpu(): GPU {
  const instance = create([]);
  instances.push(instance);
  Object.defineProperty(globalThis, "navigator", {
    value: { gpu: instance, userAgent: "Node", hardwareConcurrency: 1 },
    configurable: true,
  });
  return instance;
}

export const ceilings = (): Promise<Ceilings> => measureCeilings(gpu());
export const newBench = (): OperationBench => operationBench(gpu());
