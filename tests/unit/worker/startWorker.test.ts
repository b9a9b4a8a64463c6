// A browser that lets the page start no worker: every call is answered with why, and what to do.

import { expect, it } from "vitest";
import { createClient, type Port } from "../../../src/worker/client.ts";
import { startWorker } from "../../../src/worker/startWorker.ts";

const insecure = (): never => {
  throw new DOMException("cannot be accessed from origin 'null'", "SecurityError");
};

it.each([
  ["null", /allow-same-origin/],
  ["https://facet.example", /other settings for this site/],
])("answers calls on a page of origin %s", async (origin, words) => {
  const client = createClient(startWorker(insecure, origin), "https://facet.example/");
  for (const call of [client.call("catalog", []), client.call("feature", [1])]) {
    await expect(call).rejects.toMatchObject({
      code: "Blocked",
      message: expect.stringMatching(words),
      cause: expect.stringContaining("origin 'null'"),
    });
  }
});

it("is the worker itself where there is one", () => {
  const port: Port = { postMessage: () => undefined, addEventListener: () => undefined };
  expect(startWorker(() => port, "null")).toBe(port);
});
