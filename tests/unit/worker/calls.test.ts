// Calls between the page and its worker, both sides, over a channel that copies like `postMessage` does.

import { describe, expect, it } from "vitest";
import { atOnce, type House, type Job } from "../../../src/jobs/job.ts";
import { FacetError } from "../../../src/lib/errors.ts";
import type { JobOptions } from "../../../src/lib/progress.ts";
import { createClient, type Port } from "../../../src/worker/client.ts";
import { holdLifeLock, type Locks } from "../../../src/worker/life.ts";
import type { FromWorker, ToWorker } from "../../../src/worker/messages.ts";
import { createServer } from "../../../src/worker/server.ts";

type AnyJob = Job<readonly unknown[], unknown>;
type Run = (args: readonly unknown[], options: JobOptions, house: House) => Promise<unknown>;

/** What a client and a server are connected by, with jobs in the place of the table's. */
function connect(
  runs: { readonly [name: string]: Run } = {},
  { transfer, locks }: { transfer?: (result: unknown) => Transferable[]; locks?: Locks } = {},
) {
  const jobs: Record<string, AnyJob> = {};
  for (const [name, run] of Object.entries(runs)) {
    const job = atOnce("testing", (house: House, args: readonly unknown[], options) =>
      run(args, options, house),
    );
    jobs[name] = transfer ? { ...job, transfer } : job;
  }
  const house = { engine: "an engine" } as unknown as House;
  let receive: (event: MessageEvent<FromWorker>) => void = () => undefined;
  let fail: (event: ErrorEvent) => void = () => undefined;
  const transferred: Transferable[][] = [];
  const post = (message: FromWorker, moved: Transferable[] = []): void => {
    transferred.push(moved);
    const data = structuredClone(message, { transfer: moved });
    queueMicrotask(() => receive({ data } as MessageEvent<FromWorker>));
  };
  const serve = createServer(house, post, jobs);
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
    client: createClient(port, "https://facet.example/", locks),
    house,
    sent,
    post,
    transferred,
    fail: (message: string) => fail({ message } as ErrorEvent),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const never: Run = () => new Promise(() => undefined);

describe("calls of the worker", () => {
  it("come after where the page is, and by which lock the worker is known", () => {
    const [one, two] = [connect().sent, connect().sent];
    expect(one[0]).toEqual({
      type: "start",
      base: "https://facet.example/",
      life: expect.stringMatching(/^facet-worker [\da-f-]{36}$/),
    });
    expect(one[0]).not.toEqual(two[0]);
  });

  it("reach the job of their name, with what jobs work with", async () => {
    const { client, house } = connect({
      analyze: async (args, { on }, given) => ({ args, on, given: given === house }),
    });
    await expect(
      client.call("analyze", ["a", { mask: "all" }], { on: "a session" }),
    ).resolves.toEqual({ args: ["a", { mask: "all" }], on: "a session", given: true });
    await expect(client.call("analyze", ["b"])).resolves.toEqual({ args: ["b"], given: true });
  });

  it("match results to calls, whatever their order", async () => {
    const settle: ((report: unknown) => void)[] = [];
    const { client } = connect({ analyze: () => new Promise((resolve) => settle.push(resolve)) });
    const first = client.call("analyze", ["a", { mask: "all" }]);
    const second = client.call("analyze", ["b", { mask: "all" }]);
    await turn();
    settle[1]?.({ text: "b" });
    settle[0]?.({ text: "a" });
    expect((await first).text).toBe("a");
    expect((await second).text).toBe("b");
  });

  it.each(["nothing", "constructor", "__proto__", "toString"])(
    "of no job are refused in words (%s)",
    async (name) => {
      const { client } = connect({ analyze: never });
      await expect(client.call(name as "analyze", ["a"])).rejects.toMatchObject({
        code: "Unsupported",
        message: expect.stringContaining(name),
      });
    },
  );

  it("carry an error whole: code, message and cause", async () => {
    const { client } = connect({
      feature: () =>
        Promise.reject(
          new FacetError("NoSuchFeature", "Opening feature 9: no.", new RangeError("9")),
        ),
      residual: () => Promise.reject(new TypeError("a bug")),
      verify: () => {
        throw new RangeError("at once");
      },
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
    await expect(client.call("verify", ["x"])).rejects.toThrow("at once");
  });

  it("tell of a result that cannot be copied instead of keeping silent", async () => {
    const { client } = connect({ analyze: async () => () => "a function" });
    await expect(client.call("analyze", ["a"])).rejects.toThrow(/could not be cloned/);
  });

  it("pass progress on and cancel across the boundary", async () => {
    const progress: number[] = [];
    const { client } = connect({
      verifyCorpus: (_args, { signal, onProgress }) =>
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

  it("cancel only what they are of, and nothing that is done", async () => {
    const stopped: unknown[] = [];
    const { client, sent } = connect({
      analyze: ([name], { signal }) =>
        new Promise((resolve) => {
          signal?.addEventListener("abort", () => stopped.push(name));
          if (name === "done") resolve(name);
        }),
    });
    const [one, two] = [new AbortController(), new AbortController()];
    void client.call("analyze", ["going"], { signal: one.signal });
    const done = client.call("analyze", ["done"], { signal: two.signal });
    await done;
    two.abort();
    await turn();
    expect(stopped).toEqual([]);
    expect(sent.filter(({ type }) => type === "cancel")).toEqual([]);
    one.abort();
    await turn();
    expect(stopped).toEqual(["going"]);
  });

  it("send nothing where they were cancelled before they began", async () => {
    const { client, sent } = connect();
    await expect(client.call("catalog", [], { signal: AbortSignal.abort() })).rejects.toMatchObject(
      { code: "Cancelled" },
    );
    expect(sent).toHaveLength(1);
  });

  it("move what a job says can be moved instead of copying it", async () => {
    const row = Float32Array.of(1, 2, 3);
    const { client, transferred } = connect(
      { residual: async () => [row] },
      { transfer: (rows) => (rows as Float32Array<ArrayBuffer>[]).map(({ buffer }) => buffer) },
    );
    expect(await client.call("residual", ["x", 0])).toEqual([Float32Array.of(1, 2, 3)]);
    expect(transferred.flat()).toHaveLength(1);
    expect(row.byteLength).toBe(0);
  });

  it("are not needed for a notice", async () => {
    const { client, post } = connect();
    const heard: string[] = [];
    const stop = client.onNotice((text) => heard.push(text));
    post({ type: "notice", text: "The GPU was lost." });
    await turn();
    stop();
    post({ type: "notice", text: "Again." });
    await turn();
    expect(heard).toEqual(["The GPU was lost."]);
  });
});

/** Locks of one browser: each is held by one at a time, the others wait in turn. */
function browserLocks(): Locks & { readonly end: (name: string) => void } {
  const held = new Map<string, { waiting: (() => void)[] }>();
  const ended = (name: string): void => {
    const next = held.get(name)?.waiting.shift();
    if (next) next();
    else held.delete(name);
  };
  return {
    request(name, run) {
      const take = async (): Promise<void> => {
        await run();
        ended(name);
      };
      const lock = held.get(name);
      if (lock) lock.waiting.push(() => void take());
      else {
        held.set(name, { waiting: [] });
        void take();
      }
      return Promise.resolve();
    },
    /** Whoever held it lives no more. */
    end: ended,
  };
}

describe("a worker that stops", () => {
  it("by an error rejects what is under way, and every later call", async () => {
    const { client, fail, sent } = connect({ open: never, analyze: never });
    const opening = client.call("open", [{ model: "demo", sae: "x" }]);
    const analysing = client.call("analyze", ["a"]);
    fail("out of memory");
    await expect(opening).rejects.toThrow(/worker stopped: out of memory.*Reload/);
    await expect(analysing).rejects.toThrow(/worker stopped: out of memory/);
    const before = sent.length;
    await expect(client.call("analyze", ["b"])).rejects.toThrow(/worker stopped: out of memory/);
    expect(sent).toHaveLength(before);
  });

  it("that could not be loaded says so", async () => {
    const { client, fail } = connect();
    const opening = client.call("catalog", []);
    fail("");
    await expect(opening).rejects.toThrow(/could not be loaded/);
  });

  it("without a word does so too, by the lock that it held", async () => {
    const locks = browserLocks();
    const { client, sent, post } = connect({ open: never }, { locks });
    const [start] = sent;
    const life = start?.type === "start" ? start.life : "";
    holdLifeLock(locks, life, () => post({ type: "alive" }));
    const opening = client.call("open", [{ model: "demo", sae: "x" }]);
    const state = { settled: false };
    opening.catch(() => undefined).finally(() => (state.settled = true));
    await turn();
    expect(state.settled).toBe(false);
    locks.end(life);
    await expect(opening).rejects.toThrow(/worker stopped: it was ended by the browser/);
    await expect(client.call("catalog", [])).rejects.toThrow(/it was ended by the browser/);
  });

  it("is not taken for dead before it holds its lock, whatever it has answered", async () => {
    const locks = browserLocks();
    const { client } = connect({ catalog: async () => ({ models: [], saes: [] }) }, { locks });
    await client.call("catalog", []);
    await turn();
    await expect(client.call("catalog", [])).resolves.toEqual({ models: [], saes: [] });
  });

  it("is not known by a lock where a page may have none", async () => {
    const locks: Locks = {
      request: () => Promise.reject(new Error("No locks without an origin.")),
    };
    const held: string[] = [];
    holdLifeLock(locks, "life", () => held.push("life"));
    await turn();
    expect(held).toEqual([]);
  });

  it("keeps the first reason that was given", async () => {
    const { client, fail } = connect({ open: never });
    fail("first");
    fail("second");
    await expect(client.call("catalog", [])).rejects.toThrow(/first/);
  });

  it("in a browser without locks is noticed by its error alone", async () => {
    const { client, fail } = connect({ catalog: async () => "listed" });
    await expect(client.call("catalog", [])).resolves.toBe("listed");
    fail("gone");
    await expect(client.call("catalog", [])).rejects.toThrow(/gone/);
  });
});
