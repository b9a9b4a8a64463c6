// The benchmarks of operations and of whole jobs in Node, as `npm run bench -- --node` loads it: the same code as in the browser's workers, on
// Dawn (npm `webgpu`) and whatever GPU the machine has.

import { create, globals } from "webgpu";
import { demoBundle, TFJS_WASM } from "../../support/nodeFiles.ts";
import { type Ceilings, measureCeilings } from "./ceilings.ts";
import { onFacet } from "./facetJobs.ts";
import { type JobBench, jobBench } from "./jobBench.ts";
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
export const newJobs = (): JobBench =>
  jobBench((task) => {
    const { name } = task.contender;
    if (name === "ort-webgpu" || name === "ort-wasm")
      throw new Error(`${name} does not run in Node`);
    return onFacet(demoBundle(), name, task, TFJS_WASM, gpu());
  });
