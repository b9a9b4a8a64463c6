// The worker's protocol, both sides, over a channel that copies like `postMessage` does.

import { describe, expect, it } from "vitest";
import { FacetError } from "../../../src/lib/errors.ts";
import type { JobOptions } from "../../../src/lib/progress.ts";
import type { Analysis } from "../../../src/lib/report.ts";
import { createClient, type Port } from "../../../src/worker/client.ts";
import type { FromWorker, ToWorker } from "../../../src/worker/protocol.ts";
import { createServer, type Handlers } from "../../../src/worker/rpc.ts";

const unused = (): Promise<never> => Promise.reject(new Error("not expected here"));

function connect(handlers: Partial<Handlers>) {
  let receive: (event: MessageEvent<FromWorker>) => void = () => undefined;
  let fail: (event: ErrorEvent) => void = () => undefined;
  const transferred: Transferable[][] = [];
  const serve = createServer(
    {
      catalog: unused,
      plan: unused,
      open: unused,
      analyze: unused,
      compare: unused,
      verify: unused,
      verifyCorpus: unused,
      feature: unused,
      featureFacts: unused,
      vocabularyTokens: unused,
      promoters: unused,
      nearest: unused,
      residual: unused,
      generate: unused,
      attribute: unused,
      intervene: unused,
      downstream: unused,
      selfCheck: unused,
      scan: unused,
      scanSummary: unused,
      featureScan: unused,
      coFiring: unused,
      scans: unused,
      deleteScan: unused,
      exportScan: unused,
      importScan: unused,
      mergeScans: unused,
      addFolder: unused,
      stored: unused,
      deleteStored: unused,
      neuronpediaLabel: unused,
      forgetToken: unused,
      beginSignIn: unused,
      finishSignIn: unused,
      ...handlers,
    },
    { residual: (rows) => rows.map(({ buffer }) => buffer) },
    (message, transfer) => {
      transferred.push(transfer);
      const data = structuredClone(message, { transfer });
      queueMicrotask(() => receive({ data } as MessageEvent<FromWorker>));
    },
  );
  const sent: ToWorker[] = [];
  const port: Port = {
    postMessage(message) {
      sent.push(message);
      queueMicrotask(() => serve(structuredClone(message)));
    },
    addEventListener(type: "message" | "error", listener: never) {
      if (type === "message") receive = listener;
      else fail = listener;
    },
  };
  return {
    client: createClient(port, "https://facet.example/"),
    sent,
    transferred,
    fail: (message: string) => fail({ message } as ErrorEvent),
  };
}

describe("the worker's protocol", () => {
  it("says where the page is before anything else", () => {
    expect(connect({}).sent[0]).toEqual({ type: "start", base: "https://facet.example/" });
  });

  it("matches results to calls, whatever their order", async () => {
    const settle: ((report: Analysis) => void)[] = [];
    const { client } = connect({ analyze: () => new Promise((resolve) => settle.push(resolve)) });
    const first = client.call("analyze", ["a", { mask: "all" }]);
    const second = client.call("analyze", ["b", { mask: "all" }]);
    await new Promise((resolve) => setTimeout(resolve));
    settle[1]?.({ text: "b" } as Analysis);
    settle[0]?.({ text: "a" } as Analysis);
    expect((await first).text).toBe("a");
    expect((await second).text).toBe("b");
  });

  it("carries an error whole: code, message and cause", async () => {
    const { client } = connect({
      feature: () =>
        Promise.reject(
          new FacetError("NoSuchFeature", "Opening feature 9: no.", new RangeError("9")),
        ),
      residual: () => Promise.reject(new TypeError("a bug")),
    });
    const error: unknown = await client.call("feature", [9]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FacetError);
    expect(error).toMatchObject({
      code: "NoSuchFeature",
      message: "Opening feature 9: no.",
      cause: "RangeError: 9",
    });
    const bug: unknown = await client.call("residual", ["x", 0]).catch((thrown: unknown) => thrown);
    expect(bug).not.toBeInstanceOf(FacetError);
    expect(bug).toMatchObject({ message: "TypeError: a bug" });
  });

  it("passes progress on and cancels across the boundary", async () => {
    const progress: number[] = [];
    const { client } = connect({
      verifyCorpus: ({ signal, onProgress }: JobOptions) =>
        new Promise((_, reject) => {
          onProgress?.({ stage: "Verifying", done: 1, total: 2, unit: "tokens" });
          signal?.addEventListener("abort", () => reject(new FacetError("Cancelled", "Stopped.")));
        }),
    });
    const controller = new AbortController();
    const job = client.call("verifyCorpus", [{ mask: "all" }], {
      signal: controller.signal,
      onProgress: ({ done }) => {
        progress.push(done);
        controller.abort();
      },
    });
    await expect(job).rejects.toMatchObject({ code: "Cancelled" });
    expect(progress).toEqual([1]);
  });

  it("sends nothing for a call that was cancelled before it began", async () => {
    const { client, sent } = connect({});
    await expect(client.call("catalog", [], { signal: AbortSignal.abort() })).rejects.toMatchObject(
      { code: "Cancelled" },
    );
    expect(sent).toHaveLength(1);
  });

  it("moves residual rows instead of copying them", async () => {
    const row = Float32Array.of(1, 2, 3);
    const { client, transferred } = connect({ residual: async () => [row] });
    expect(await client.call("residual", ["x", 0])).toEqual([Float32Array.of(1, 2, 3)]);
    expect(transferred.flat()).toHaveLength(1);
    expect(row.byteLength).toBe(0);
  });

  it("rejects what is under way when the worker dies", async () => {
    const { client, fail } = connect({ open: () => new Promise(() => undefined) });
    const opening = client.call("open", [{ model: "demo", sae: "x" }]);
    fail("out of memory");
    await expect(opening).rejects.toThrow(/worker stopped: out of memory/);
  });
});
