// The main path in WebKitGTK, which has no WebGPU, on WebAssembly.

import { startWebKit } from "./webKit.ts";
import { describeMainPath } from "./mainPath.ts";

describeMainPath({
  title: "WebKit, WebAssembly",
  backend: "tfjs-wasm",
  start: () => startWebKit(),
});
