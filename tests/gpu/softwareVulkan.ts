// Before the GPU tests start: lets Dawn find a Vulkan driver. It asks for none of its own: see scripts/browser.mjs.

import { softwareVulkan } from "../../scripts/browser.mjs";

export default function setup(): void {
  // Test processes inherit this environment; the loader reads LD_LIBRARY_PATH only when a process starts.
  Object.assign(process.env, softwareVulkan());
}
