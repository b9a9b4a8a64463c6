// A device that is lost while nothing runs on it, and its healing: whoever asked may stop waiting at every moment of it,
// and the next call finds it done, or tries again what failed.

import { describe, expect, it } from "vitest";
import type { FileTree } from "../../../src/lib/byteSource.ts";
import { FacetError } from "../../../src/lib/errors.ts";
import type { Analysis } from "../../../src/lib/report.ts";
import { bundledLibrary } from "../../../src/session/library/bundledLibrary.ts";
import type { Library } from "../../../src/session/library/library.ts";
import { Engine } from "../../../src/session/engine.ts";
import { jobsOf } from "../../support/jobs.ts";
import { losable, type Losable } from "../../support/losable.ts";
import { demoBundle } from "../../support/nodeFiles.ts";

const REQUEST = { model: "demo", sae: "blocks.0.hook_resid_post" } as const;
const OTHER = { model: "demo", sae: "blocks.5.hook_resid_post" } as const;
const ALL = { mask: "all" } as const;

/** Moments of opening. */
const MOMENTS = [
  "the backend starts",
  "the SAE is looked up",
  "a configuration is read",
  "the SAE's weights stream",
  "the model's weights stream",
] as const;
type Moment = (typeof MOMENTS)[number];

/** What happens at a moment: nothing, a wait, an error. */
type Step = (moment: Moment) => Promise<void>;

/** Tells when configurations are read, and when weights are. */
function watched(tree: FileTree, step: () => Step, weights: Moment): FileTree {
  return {
    ...tree,
    open: async (path, options) => {
      const source = await tree.open(path, options);
      if (source === null) return source;
      return {
        ...(source.givesAway !== undefined && { givesAway: source.givesAway }),
        name: source.name,
        size: (how) => source.size(how),
        async read(start, end, how) {
          if (/^(config|cfg)\.json$/.test(path)) await step()("a configuration is read");
          return source.read(start, end, how);
        },
        async *stream(start, end, how) {
          if (path.endsWith(".safetensors")) await step()(weights);
          yield* source.stream(start, end, how);
        },
      };
    },
  };
}

async function lostWhileIdle() {
  let step: Step = async () => undefined;
  const steps = (): Step => step;
  const started: Losable[] = [];
  const disposed: boolean[] = [];
  const notices: string[] = [];
  const bundled = bundledLibrary(async () => demoBundle());
  const library: Library = {
    ...bundled,
    model: async (request, options) => {
      const source = await bundled.model(request, options);
      return { ...source, tree: watched(source.tree, steps, "the model's weights stream") };
    },
    sae: async (request, options) => {
      await step("the SAE is looked up");
      const source = await bundled.sae(request, options);
      return { ...source, tree: watched(source.tree, steps, "the SAE's weights stream") };
    },
  };
  let now = 0;
  const engine = new Engine({
    library,
    backends: {
      options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
      start: async () => {
        await step("the backend starts");
        const one = await losable();
        const index = started.push(one) - 1;
        disposed[index] = false;
        return new Proxy(one.backend, {
          get(target, key) {
            if (key === "dispose") {
              return () => {
                disposed[index] = true;
                target.dispose();
              };
            }
            const value: unknown = Reflect.get(target, key, target);
            return typeof value === "function" ? (value.bind(target) as unknown) : value;
          },
        });
      },
    },
    onNotice: (text) => notices.push(text),
    now: () => now,
  });
  const { provenance } = await engine.open(REQUEST);
  const jobs = jobsOf(engine);
  const before = await jobs.analyze("peace", ALL);
  const lose = async (): Promise<void> => {
    now += 120_000;
    started.at(-1)?.lose();
    await turn();
  };
  await lose();
  return {
    engine,
    jobs,
    on: JSON.stringify(provenance),
    before,
    started,
    disposed,
    notices,
    lose,
    /** From now on. */
    at: (next: Step) => (step = next),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Holds whatever comes to one moment until it is let go. */
function hold(at: Moment) {
  let go = (): void => undefined;
  const gone = new Promise<void>((resolve) => (go = resolve));
  let reached = (): void => undefined;
  const there = new Promise<void>((resolve) => (reached = resolve));
  const step: Step = async (moment) => {
    if (moment !== at) return;
    reached();
    await gone;
  };
  return { step, there, go: () => go() };
}

const cancelled = { code: "Cancelled" };

function expectSame(after: Analysis, before: Analysis): void {
  expect(after.sae).toEqual(before.sae);
  expect(after.tokens).toEqual(before.tokens);
}

describe("a device that is lost while idle", () => {
  it("is rebuilt by the next call, once, and the reader is told", async () => {
    const { jobs, before, started, disposed, notices } = await lostWhileIdle();
    const [one, two] = await Promise.all([jobs.analyze("peace", ALL), jobs.analyze("peace", ALL)]);
    expectSame(one, before);
    expectSame(two, before);
    expect(started).toHaveLength(2);
    expect(disposed).toEqual([true, false]);
    expect(notices).toHaveLength(1);
  });

  describe.each(MOMENTS)("and healed while %s", (moment) => {
    it("outlives a row of calls that are each stopped by the next", async () => {
      const { jobs, before, started, notices, at } = await lostWhileIdle();
      const held = hold(moment);
      at(held.step);
      const calls: Promise<unknown>[] = [];
      let controller = new AbortController();
      const type = (text: string): void => {
        controller.abort();
        controller = new AbortController();
        const call = jobs.analyze(text, ALL, { signal: controller.signal });
        call.catch(() => undefined); // looked at below
        calls.push(call);
      };
      type("p");
      await held.there;
      for (const text of ["pe", "pea", "peac"]) {
        type(text);
        await turn();
      }
      // The healing is held still: who stops does not wait for it.
      await expect(calls[0]).rejects.toMatchObject(cancelled);
      type("peace");
      held.go();
      const settled = await Promise.allSettled(calls);
      expect(settled.slice(0, -1).map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
      for (const result of settled.slice(0, -1)) {
        expect(result).toMatchObject({ reason: cancelled });
      }
      const final = settled.at(-1);
      if (final?.status !== "fulfilled") throw new Error("The last text was not analysed.");
      expectSame(final.value as Analysis, before);
      expect(started).toHaveLength(2);
      expect(notices).toHaveLength(1);
    });

    it("and failing there, is told to who waits and tried again by the next call", async () => {
      const { jobs, before, started, disposed, notices, at } = await lostWhileIdle();
      at(async (now) => {
        if (now === moment) throw new FacetError("Network", "The network went away.");
      });
      for (let i = 0; i < 2; i++) {
        await expect(jobs.analyze("peace", ALL)).rejects.toMatchObject({ code: "Network" });
      }
      expect(notices).toEqual([]);
      // Nothing that failed keeps a device.
      expect(disposed.every(Boolean)).toBe(true);
      at(async () => undefined);
      expectSame(await jobs.analyze("peace", ALL), before);
      expect(disposed.filter((gone) => !gone)).toHaveLength(1);
      expect(disposed).toHaveLength(started.length);
      expect(notices).toHaveLength(1);
    });

    it("and failing after who asked stopped waiting, is tried again by the next call", async () => {
      const { jobs, before, notices, at } = await lostWhileIdle();
      const held = hold(moment);
      at(async (now) => {
        await held.step(now);
        if (now === moment) throw new FacetError("Network", "The network went away.");
      });
      const controller = new AbortController();
      const typed = jobs.analyze("typed", ALL, { signal: controller.signal });
      await held.there;
      controller.abort();
      await expect(typed).rejects.toMatchObject(cancelled);
      held.go();
      await turn();
      at(async () => undefined);
      // What is asked at once may still meet the failure; what is asked after it finds the model open.
      await jobs.analyze("peace", ALL).catch(() => undefined);
      expectSame(await jobs.analyze("peace", ALL), before);
      expect(notices).toHaveLength(1);
    });

    it("gives way to what is opened meanwhile", async () => {
      const { engine, jobs, at, disposed } = await lostWhileIdle();
      const held = hold(moment);
      at(held.step);
      const controller = new AbortController();
      const typed = jobs.analyze("typed", ALL, { signal: controller.signal });
      await held.there;
      controller.abort();
      await expect(typed).rejects.toMatchObject(cancelled);
      const opening = engine.open(OTHER);
      held.go();
      expect((await opening).provenance.sae.folder).toBe(OTHER.sae);
      expect((await jobs.analyze("peace", ALL)).sae.folder).toBe(OTHER.sae);
      expect(disposed.filter((gone) => !gone)).toHaveLength(1);
    });

    it("is there again where what is opened meanwhile cannot be", async () => {
      const { engine, jobs, before, at } = await lostWhileIdle();
      const held = hold(moment);
      at(held.step);
      const controller = new AbortController();
      const typed = jobs.analyze("typed", ALL, { signal: controller.signal });
      await held.there;
      controller.abort();
      await expect(typed).rejects.toMatchObject(cancelled);
      const opening = engine.open({ model: "demo", sae: "none" });
      held.go();
      await expect(opening).rejects.toMatchObject({ code: "RepoNotFound" });
      expectSame(await jobs.analyze("peace", ALL), before);
    });
  });

  it("is rebuilt by a call that knows what it is of", async () => {
    const { jobs, before, on } = await lostWhileIdle();
    await expect(jobs.analyze("peace", ALL, { on: "another session" })).rejects.toMatchObject(
      cancelled,
    );
    expectSame(await jobs.analyze("peace", ALL, { on }), before);
  });

  it("is replaced by what is opened next, with no rebuilding before", async () => {
    const { engine, jobs, started, notices, disposed } = await lostWhileIdle();
    expect((await engine.open(OTHER)).provenance.sae.folder).toBe(OTHER.sae);
    expect((await jobs.analyze("peace", ALL)).sae.folder).toBe(OTHER.sae);
    expect(started).toHaveLength(2);
    expect(disposed).toEqual([true, false]);
    expect(notices).toEqual([]);
  });

  it("is rebuilt again when it is lost again later", async () => {
    const { jobs, before, started, lose } = await lostWhileIdle();
    expectSame(await jobs.analyze("peace", ALL), before);
    await lose();
    expectSame(await jobs.analyze("peace", ALL), before);
    expect(started).toHaveLength(3);
  });
});
