// The portable backend as a device that a test can lose: what runs on it then goes on, as it may on a real one, but the
// engine is told that it is gone.

import type { Backend } from "../../src/backend/backend.ts";
import { createTfjsBackend } from "../../src/backend/tfjs/createTfjsBackend.ts";
import { TFJS_WASM } from "./nodeFiles.ts";

export interface Losable {
  readonly backend: Backend;
  lose(): void;
}

/** @param onRead called, and waited for, whenever features have been read. */
export async function losable(onRead?: () => Promise<void> | void): Promise<Losable> {
  const real = await createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });
  let lose = (): void => undefined;
  const lost = new Promise<string>((resolve) => (lose = () => resolve("taken away by the test")));
  const backend = new Proxy(real, {
    get: (target, key) => {
      if (key === "lost") return lost;
      if (key === "readFeatures" && onRead) {
        return async (features: Parameters<Backend["readFeatures"]>[0]) => {
          const rows = await target.readFeatures(features);
          await onRead();
          return rows;
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { backend, lose: () => lose() };
}
