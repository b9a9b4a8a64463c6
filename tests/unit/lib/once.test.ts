// Work that is done once for all who wait: kept when it went well, tried again when it did not, stopped when nobody is left.

import { expect, it } from "vitest";
import { once } from "../../../src/lib/once.ts";

interface Run {
  readonly signal: AbortSignal;
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

function recorded(): { runs: Run[]; ask: (signal?: AbortSignal) => Promise<string> } {
  const runs: Run[] = [];
  const ask = once(
    "opening it",
    (signal) =>
      new Promise<string>((resolve, reject) => {
        runs.push({ signal, resolve, reject });
      }),
  );
  return { runs, ask };
}

it("runs once for all who ask, and keeps what came of it", async () => {
  const { runs, ask } = recorded();
  const asked = [ask(), ask(new AbortController().signal)];
  runs[0]?.resolve("open");
  expect(await Promise.all(asked)).toEqual(["open", "open"]);
  expect(await ask()).toBe("open");
  expect(runs).toHaveLength(1);
});

it("gives a failure to all who waited, and tries again for the next", async () => {
  const { runs, ask } = recorded();
  const asked = [ask(), ask()];
  runs[0]?.reject(new Error("busy"));
  for (const one of asked) await expect(one).rejects.toThrow("busy");
  const again = ask();
  runs[1]?.resolve("open");
  expect(await again).toBe("open");
  expect(runs).toHaveLength(2);
});

it("stops for the caller who is cancelled, and goes on for the others", async () => {
  const { runs, ask } = recorded();
  const leaving = new AbortController();
  const [gone, staying] = [ask(leaving.signal), ask()];
  leaving.abort();
  await expect(gone).rejects.toMatchObject({ code: "Cancelled" });
  expect(runs[0]?.signal.aborted).toBe(false);
  runs[0]?.resolve("open");
  expect(await staying).toBe("open");
});

it("ends the work once nobody waits, and begins anew for the next", async () => {
  const { runs, ask } = recorded();
  const leaving = new AbortController();
  const gone = ask(leaving.signal);
  leaving.abort();
  await expect(gone).rejects.toMatchObject({ code: "Cancelled" });
  expect(runs[0]?.signal.aborted).toBe(true);
  const again = ask();
  // What was stopped has nothing to say any more.
  runs[0]?.reject(new Error("stopped"));
  runs[1]?.resolve("open");
  expect(await again).toBe("open");
});

it("begins nothing for a caller who is cancelled already", async () => {
  const { runs, ask } = recorded();
  await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ code: "Cancelled" });
  expect(runs).toHaveLength(0);
});
