// The main path in Firefox without WebGPU, on WebAssembly.

import { startFirefox } from "./firefox.ts";
import { describeMainPath } from "./mainPath.ts";

describeMainPath({
  title: "Firefox, WebAssembly",
  backend: "tfjs-wasm",
  start: () => startFirefox({ webgpu: false }),
});
