// tfjs' backend in plain JavaScript: the last resort, slow everywhere and available everywhere.

import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { DeviceMaker } from "./device.ts";

export function cpuDevice(): DeviceMaker {
  return {
    tfName: "cpu",
    async make() {
      const kernels = new MathBackendCPU();
      return {
        tfName: "cpu",
        kernels,
        adapter: "JavaScript, 1 thread",
        lost: new Promise(() => {}),
        view(x) {
          const values = kernels.readSync(x.dataId);
          if (!(values instanceof Float32Array))
            throw new Error(`a ${x.dtype} tensor has no f32 view`);
          return values;
        },
        anyProduct: true,
        // JavaScript throws a RangeError where an array cannot be had.
        reserve() {},
        // It computes as it is asked.
        flush: async () => {},
      };
    },
  };
}
