// The token goes to the hub that it was entered for and nowhere else: every request, address, error and stored byte is
// searched for it.

import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseEndpoint } from "../../src/hub/endpoint.ts";
import { openHubTree } from "../../src/hub/hubTree.ts";
import { parseRepoRef } from "../../src/hub/repoId.ts";
import { FacetError, toPlainError } from "../../src/lib/errors.ts";
import type { Fault } from "./faults.ts";
import { MemoryStore } from "./memoryStore.ts";
import { startTestHub, type TestHub } from "./server.ts";
import { FILES, LARGE, reader, REPO, tab } from "./setting.ts";

const TOKEN = "hf_MyVerySecretToken123";

let hub: TestHub;
let evil: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ repos: { [REPO]: { files: FILES, gated: true } }, readers: [TOKEN] });
  evil = await startTestHub({ repos: { [REPO]: { files: FILES } }, readers: [TOKEN] });
});
afterAll(async () => {
  await hub.close();
  await evil.close();
});
beforeEach(() => {
  for (const server of [hub, evil]) {
    server.faults.clear();
    server.stats.clear();
  }
});

const everywhere = (value: unknown): string =>
  inspect(value, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });

it("goes to the endpoint with each request, and never to the storage behind it", async () => {
  const tree = await openHubTree(reader(hub, TOKEN), parseRepoRef(REPO), null);
  await (await tree.open("model.safetensors"))?.read(0, LARGE.byteLength);
  const [toHub, toCdn] = ["hub", "cdn"].map((name) =>
    hub.stats.log.filter(({ server }) => server === name),
  );
  expect(toHub?.length).toBeGreaterThan(0);
  expect(toHub?.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  expect(toCdn?.length).toBeGreaterThan(0);
  expect(everywhere(toCdn)).not.toContain(TOKEN);
  expect(everywhere(hub.stats.log.map(({ url }) => url))).not.toContain(TOKEN);
});

it("does not go to another endpoint, whoever names it", async () => {
  const me = reader(hub, TOKEN);
  const hostile = { ...me, endpoint: parseEndpoint(evil.endpoint) };
  const tree = await openHubTree(hostile, parseRepoRef(REPO), null);
  await (await tree.open("config.json"))?.read(0, 10);
  expect(evil.stats.log.length).toBeGreaterThan(0);
  expect(everywhere(evil.stats.log)).not.toContain(TOKEN);
  expect(hub.stats.log).toEqual([]);
});

it("does not follow a listing that goes on elsewhere", async () => {
  const paged = await startTestHub({
    repos: { [REPO]: { files: FILES } },
    readers: [TOKEN],
    pageSize: 1,
    nextPage: (url) => url.replace(/^http:\/\/[^/]+/, evil.endpoint),
  });
  try {
    const opening = openHubTree(reader(paged, TOKEN), parseRepoRef(REPO), null);
    await expect(opening).rejects.toMatchObject({
      code: "Network",
      message: expect.stringContaining("another host"),
    });
    expect(evil.stats.log).toEqual([]);
  } finally {
    await paged.close();
  }
});

describe("stands in nothing that is shown, thrown or stored", () => {
  const faults: Fault[] = [
    { kind: "refuse", times: Infinity },
    { kind: "status", status: 503, times: Infinity },
    { kind: "status", status: 403, on: "cdn", times: Infinity },
    { kind: "status", status: 401, on: "api", times: Infinity },
    { kind: "status", status: 418, times: Infinity },
    { kind: "drop", at: 100, times: Infinity },
    { kind: "flip", at: 100 },
    { kind: "contentRange", header: null, times: Infinity },
    { kind: "truncate", at: 100, times: Infinity },
  ];
  it.each(faults)("$kind $status", async (fault) => {
    const me = reader(hub, TOKEN);
    const store = new MemoryStore();
    const here = await tab(store);
    hub.faults.add(fault);
    let thrown: unknown;
    try {
      const tree = await openHubTree(me, parseRepoRef(REPO), here.cache);
      expect(everywhere(tree)).not.toContain(TOKEN);
      await (await tree.open("model.safetensors"))?.read(0, LARGE.byteLength);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FacetError);
    for (const seen of [
      thrown,
      toPlainError(thrown),
      me.waits,
      here.troubles,
      await here.cache.list(),
    ]) {
      expect(everywhere(seen)).not.toContain(TOKEN);
      // Nor a signed address.
      expect(everywhere(seen)).not.toContain("Signature=");
    }
    for (const [name, bytes] of store.contents) {
      expect(name).not.toContain(TOKEN);
      expect(Buffer.from(bytes).includes(TOKEN)).toBe(false);
      expect(Buffer.from(bytes).includes("Signature=")).toBe(false);
    }
  });
});
