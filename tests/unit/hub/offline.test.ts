// The app's files for visits without a network: filled whole or not at all, never mixed between versions.

import { describe, expect, it } from "vitest";
import { activate, answer, install, type OfflineParts, pathOf } from "../../../src/hub/offline.ts";

const SCOPE = "https://facet.example/sub/";

/** CacheStorage in memory, as far as it is used. */
function storage() {
  const held = new Map<string, Map<string, Response>>();
  const caches = {
    open: async (name: string) => {
      const cache = held.get(name) ?? new Map<string, Response>();
      held.set(name, cache);
      return {
        match: async (url: string) => cache.get(url)?.clone(),
        put: async (url: string, response: Response) => void cache.set(url, response),
      } as unknown as Cache;
    },
    keys: async () => [...held.keys()],
    delete: async (name: string) => held.delete(name),
  };
  return { caches, held };
}

function setUp(files: Record<string, string>) {
  const { caches, held } = storage();
  const asked: [string, RequestInit | undefined][] = [];
  const site = new Map(Object.keys(files).map((path) => [path, `body of ${path}`]));
  const version = (name: string, list: Record<string, string>): OfflineParts => ({
    scope: SCOPE,
    version: name,
    files: list,
    caches,
    fetch: async (url, init) => {
      const path = url.slice(SCOPE.length);
      asked.push([path, init]);
      const body = site.get(path);
      return new Response(body ?? "", { status: body === undefined ? 404 : 200 });
    },
  });
  return { version, held, asked, site };
}

const FILES = { "index.html": "sha256-a", "assets/one.js": "sha256-b" };

describe("keeping the app", () => {
  it("fetches every file with its hash, and answers from what it holds", async () => {
    const { version, asked } = setUp(FILES);
    const parts = version("1", FILES);
    await install(parts);
    expect(asked.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
      ["assets/one.js", { integrity: "sha256-b", cache: "no-cache" }],
      ["index.html", { integrity: "sha256-a", cache: "no-cache" }],
    ]);
    expect(await (await answer(parts, "assets/one.js")).text()).toBe("body of assets/one.js");
    expect(asked).toHaveLength(2);
  });

  it("fetches of a new version only what changed, and keeps both until the old one is gone", async () => {
    const { version, asked, held } = setUp({ ...FILES, "assets/two.js": "" });
    const old = version("1", FILES);
    await install(old);
    const next = version("2", { ...FILES, "index.html": "sha256-c", "assets/two.js": "sha256-d" });
    await install(next);
    expect(
      asked
        .slice(2)
        .map(([path]) => path)
        .toSorted(),
    ).toEqual(["assets/two.js", "index.html"]);
    expect(held.size).toBe(2);
    expect((await answer(old, "assets/one.js")).status).toBe(200);
    await activate(next);
    expect([...held.keys()]).toEqual([`facet ${SCOPE} 2`]);
    expect(await (await answer(next, "assets/one.js")).text()).toBe("body of assets/one.js");
  });

  it("fails as a whole where a file is missing, and then copies nothing from what it began", async () => {
    const { version, site, asked } = setUp(FILES);
    site.delete("assets/one.js");
    await expect(install(version("1", FILES))).rejects.toThrow(/assets\/one\.js.*404/);
    site.set("assets/one.js", "back");
    await install(version("2", FILES));
    expect(asked.filter(([path]) => path === "index.html").length).toBeGreaterThan(1);
  });

  it("leaves the caches of other apps and other scopes alone", async () => {
    const { version, held } = setUp(FILES);
    held.set("workbox", new Map());
    held.set("facet https://facet.example/ 1", new Map());
    held.set(`facet ${SCOPE} 0`, new Map());
    await activate(version("1", FILES));
    expect([...held.keys()]).toEqual(["workbox", "facet https://facet.example/ 1"]);
  });

  it("asks the network where the browser has thrown the cache away", async () => {
    const { version, asked } = setUp(FILES);
    expect(await (await answer(version("1", FILES), "index.html")).text()).toBe(
      "body of index.html",
    );
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["", "index.html"],
    ["?code=1&state=2", "index.html"],
    ["index.html", "index.html"],
    ["assets/one.js?x", "assets/one.js"],
    ["assets/none.js", null],
    ["__proto__", null],
    ["constructor", null],
  ])("takes %j for %j", (path, wanted) => {
    const parts = { scope: SCOPE, files: FILES };
    expect(pathOf(parts, { url: SCOPE + path, method: "GET" })).toBe(wanted);
  });

  it("takes nothing that is not a plain reading of its own files", () => {
    const parts = { scope: SCOPE, files: FILES };
    for (const [url, method] of [
      [`${SCOPE}index.html`, "POST"],
      ["https://facet.example/", "GET"],
      ["https://huggingface.co/sub/index.html", "GET"],
    ] as const) {
      expect(pathOf(parts, { url, method })).toBeNull();
    }
  });
});
