// How often long work tells how far it is.

import { expect, it } from "vitest";
import { paced, type Progress } from "../../../src/lib/progress.ts";

it("tells of the first and the last piece, and of no more than ten a second between", () => {
  const told: Progress[] = [];
  let time = 0;
  const tell = paced(
    (progress) => told.push(progress),
    () => time,
  );
  for (let done = 1; done <= 1000; done++, time += 3) {
    tell({ stage: "Reading weights", done, total: 1000, unit: "bytes" });
  }
  expect(told[0]?.done).toBe(1);
  expect(told.at(-1)?.done).toBe(1000);
  expect(told.length).toBeGreaterThan(20);
  expect(told.length).toBeLessThanOrEqual(32);
});
