// The main path in Firefox on WebGPU (wgpu, on Mesa's lavapipe).

import { startFirefox } from "./firefox.ts";
import { describeMainPath } from "./mainPath.ts";

describeMainPath({
  title: "Firefox, WebGPU",
  backend: "webgpu",
  start: () => startFirefox({ webgpu: true }),
});
