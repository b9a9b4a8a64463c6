import { describe, expect, it } from "vitest";
import { projectIn } from "../../../src/state/projectionWorker.ts";

const NEAREST = { k: 1, index: new Uint32Array(2), cosine: new Float32Array(2) };

describe("laying features out", () => {
  it("starts no worker for what was stopped before", async () => {
    const project = projectIn(() => {
      throw new Error("a worker was started");
    });
    await expect(project(NEAREST, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "Cancelled",
    });
  });

  it("ends its worker as it is stopped", async () => {
    let ended = 0;
    const stop = new AbortController();
    const project = projectIn(() => ({
      addEventListener: () => undefined,
      postMessage: () => stop.abort(),
      terminate: () => ended++,
    }));
    await expect(project(NEAREST, { signal: stop.signal })).rejects.toMatchObject({
      code: "Cancelled",
    });
    expect(ended).toBe(1);
  });
});
