// One contender of the operations' benchmark, in a worker of its own; also measures the machine's ceilings.

import { type Ceilings, measureCeilings } from "../measure/ceilings.ts";
import { type OperationBench, operationBench } from "../measure/operationBench.ts";

declare global {
  var operations: OperationBench & { ceilings(): Promise<Ceilings> };
}

globalThis.operations = {
  ...operationBench(navigator.gpu),
  ceilings: () => measureCeilings(navigator.gpu),
};
postMessage("ready");
