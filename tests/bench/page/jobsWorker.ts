// One contender of the whole jobs, in a worker as in Facet itself: the bundled model and SAE on one of Facet's backends,
// or as one graph in ONNX Runtime.

import { openBundle } from "../../../src/hub/bundle.ts";
import { onFacet } from "../measure/facetJobs.ts";
import { type JobBench, jobBench } from "../measure/jobBench.ts";
import type { ContenderName } from "../measure/jobs.ts";
import { onOrt } from "./ortJobs.ts";

declare global {
  var jobs: JobBench;
}

const base = new URL("./", location.href.replace(/assets\/[^/]*$/, ""));

const isOrt = (name: ContenderName): name is "ort-webgpu" | "ort-wasm" => name.startsWith("ort-");

globalThis.jobs = jobBench(async (task) => {
  const bundle = await openBundle(new URL("demo/", base));
  const { name } = task.contender;
  return isOrt(name)
    ? onOrt(bundle, name, task)
    : onFacet(bundle, name, task, new URL("assets/tfjs/", base).href, navigator.gpu);
});
postMessage("ready");
