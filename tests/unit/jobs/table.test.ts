// The table of jobs and what is derived from it: who may call what, window.facet, the calls of pages around this one.

import { describe, expect, it } from "vitest";
import { CALLS, needsOf } from "../../../src/jobs/calls.ts";
import { JOBS, type JobName } from "../../../src/jobs/table.ts";
import { createFacet, scripted } from "../../../src/scripting.ts";
import type { CreatedStore } from "../../../src/state/createStore.ts";

const names = Object.keys(JOBS) as JobName[];

describe("every job", () => {
  it("has a line that says who may call it, and there is no line without a job", () => {
    expect(Object.keys(CALLS).toSorted()).toEqual(names.toSorted());
  });

  it.each(Object.entries(JOBS))("says in words what it does (%s)", (_name, job) => {
    expect(job.doing).toMatch(/^[a-z]+ing( .+)?$/);
  });
});

describe("what is derived from the table", () => {
  it("for pages around this one is what scripts may call, less what changes this browser", () => {
    const of = (...who: string[]) => names.filter((name) => who.includes(CALLS[name].for));
    expect(scripted("embed").toSorted()).toEqual(of("embed").toSorted());
    expect(scripted("script").toSorted()).toEqual(of("embed", "script").toSorted());
    // Links and other pages rest on these names.
    expect(scripted("embed").toSorted()).toEqual(
      [
        "analyze",
        "attribute",
        "catalog",
        "feature",
        "generate",
        "intervene",
        "residual",
        "verify",
        "verifyCorpus",
      ].toSorted(),
    );
    expect(of("script").toSorted()).toEqual(
      ["deleteScan", "featureScan", "scan", "scanSummary", "scans"].toSorted(),
    );
  });

  it("is a function of window.facet for each job that scripts may call", async () => {
    const asked: unknown[][] = [];
    const store = { ready: Promise.resolve(), actions: {} } as unknown as CreatedStore;
    const facet = createFacet("1.2.3", store, async (...call) => {
      asked.push(call);
      return call[0] as never;
    });
    const own = ["version", "ready", "open", "permalink"];
    expect(Object.keys(facet).toSorted()).toEqual([...scripted("script"), ...own].toSorted());
    const { signal } = new AbortController();
    const onProgress = (): void => undefined;
    await expect(facet.analyze("a text", { mask: "all" }, { signal })).resolves.toBe("analyze");
    await facet.verify("a text", undefined, { onProgress });
    await facet.feature(7);
    expect(asked).toEqual([
      ["analyze", ["a text", { mask: "all" }], { signal }],
      ["verify", ["a text", undefined], { onProgress }],
      ["feature", [7], {}],
    ]);
  });

  it("is what a call reads and opens, by its arguments", () => {
    const request = { model: "demo", sae: "other" };
    expect(needsOf("analyze", ["text"])).toEqual({ reads: null, beside: null });
    expect(needsOf("feature", [7])).toEqual({ reads: "lens", beside: null });
    expect(needsOf("verify", ["text"])).toEqual({ reads: "loss", beside: null });
    expect(needsOf("compare", [request, "text", { mask: "all", loss: false }])).toEqual({
      reads: null,
      beside: request,
    });
    expect(needsOf("compare", [request, "text", { mask: "all", loss: true }]).reads).toBe("loss");
    expect(needsOf("intervene", ["text", []]).beside).toBeNull();
    expect(needsOf("intervene", ["text", [], { downstream: "other" }]).beside).toBe("other");
    expect(needsOf("scan", []).reads).toBeNull();
    expect(needsOf("scan", [{ corpus: { kind: "bundled" }, metrics: true }]).reads).toBe("loss");
  });
});
