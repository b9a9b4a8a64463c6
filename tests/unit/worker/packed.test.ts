// Results that hold analyses, from the server to the client over a channel that copies and moves as `postMessage` does.

import { describe, expect, test } from "vitest";
import type { House, Job } from "../../../src/jobs/job.ts";
import { JOBS } from "../../../src/jobs/table.ts";
import { Activations } from "../../../src/lib/activations.ts";
import type { Analysis, Comparison } from "../../../src/lib/report.ts";
import { rowsOf, withRows } from "../../../src/lib/tokenRows.ts";
import { createClient } from "../../../src/worker/client.ts";
import type { FromWorker } from "../../../src/worker/messages.ts";
import { createServer } from "../../../src/worker/server.ts";

const fact = { special: false, l0: 1, norm: 1, squaredError: 1 };
const made = (): Analysis =>
  ({
    schema: "facet.analysis/1",
    tokens: withRows(
      [
        { ...fact, position: 0, id: 2, token: "<bos>" },
        { ...fact, position: 1, id: 7, token: "a" },
      ],
      {
        rowStart: Uint32Array.of(0, 2, 3),
        index: Uint32Array.of(5, 3, 3),
        raw: Float32Array.of(4, 1, 2),
        folded: Float64Array.of(0.4, 0.1, 0.2),
      },
    ),
    truncated: false,
  }) as unknown as Analysis;

/** A client whose server runs the table's jobs, but for what they do. */
function connect(results: Readonly<Record<string, () => unknown>>) {
  const posted: { message: FromWorker; transfer: Transferable[] }[] = [];
  let receive: (event: MessageEvent<FromWorker>) => void = () => undefined;
  const jobs = Object.fromEntries(
    Object.entries(results).map(([name, result]) => {
      const job = JOBS[name as keyof typeof JOBS] as unknown as Job<readonly unknown[], unknown>;
      return [name, { ...job, run: async () => result() }];
    }),
  );
  const serve = createServer(
    {} as House,
    (message, transfer) => {
      posted.push({ message, transfer });
      const data = structuredClone(message, { transfer });
      queueMicrotask(() => receive({ data } as MessageEvent<FromWorker>));
    },
    jobs,
  );
  const client = createClient(
    {
      postMessage: (message) => queueMicrotask(() => serve(structuredClone(message))),
      addEventListener(type: "message" | "error", listener: never) {
        if (type === "message") receive = listener;
      },
    },
    "https://facet.example/",
  );
  return { client, posted };
}

describe("an analysis", () => {
  test("arrives whole, by buffers that moved", async () => {
    const result = made();
    const { activations } = rowsOf(result.tokens);
    const { client, posted } = connect({ analyze: () => result });
    const arrived = await client.call("analyze", ["a"]);
    expect(JSON.stringify(arrived)).toBe(JSON.stringify(made()));
    expect(arrived.tokens[0]?.features).toEqual([
      { index: 5, raw: 4, folded: 0.4 },
      { index: 3, raw: 1, folded: 0.1 },
    ]);
    expect(posted).toHaveLength(1);
    expect(posted[0]?.transfer).toHaveLength(4);
    expect(activations.rows.index.byteLength).toBe(0);
    // No list of any token travelled.
    expect(JSON.stringify(posted[0]?.message)).not.toContain('"features"');
  });

  test("has its rows at hand on the page, and makes none anew", async () => {
    const { client } = connect({ analyze: made });
    const { tokens } = await client.call("analyze", ["a"]);
    const { activations } = rowsOf(tokens);
    expect(activations).toBeInstanceOf(Activations);
    expect(activations.rows.index).toEqual(Uint32Array.of(5, 3, 3));
    expect(activations.along(3, "raw")).toEqual([1, 2]);
  });

  test("of each side of a comparison does likewise", async () => {
    const side = () => ({ analysis: made(), verification: null, saeRun: {} });
    const whole = () =>
      ({
        schema: "facet.comparison/1",
        sides: [side(), side()],
        matches: [[], []],
      }) as unknown as Comparison;
    const { client, posted } = connect({ compare: whole });
    const arrived = await client.call("compare", [
      { model: "demo", sae: "a" },
      "a",
      { mask: "all", loss: false },
    ]);
    expect(JSON.stringify(arrived)).toBe(JSON.stringify(whole()));
    expect(posted[0]?.transfer).toHaveLength(8);
  });
});
