// The guard that keeps unit tests off the network (tests/unit/noNetwork.ts) must bite, and must let localhost through.

import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";

test("a unit test cannot reach another machine", async () => {
  await expect(fetch("https://example.com/")).rejects.toThrow(
    expect.objectContaining({
      cause: expect.objectContaining({ message: expect.stringMatching(/touch no network/) }),
    }),
  );
  expect(() => connect(443, "192.0.2.1")).toThrow(/touch no network/);
  expect(() => connect({ host: "192.0.2.1", port: 443 })).toThrow(/touch no network/);
});

test("a unit test can reach its own server", async () => {
  const server = createServer((_request, response) => response.end("here"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  try {
    const response = await fetch(`http://127.0.0.1:${address.port}/`);
    expect(await response.text()).toBe("here");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
