// Opening repos: commits, listings, folders, and every refusal with what to do about it.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseEndpoint, Tokens } from "../../src/hub/endpoint.ts";
import { openHubTree } from "../../src/hub/hubTree.ts";
import { parseRepoRef } from "../../src/hub/repoId.ts";
import { readFile } from "../../src/lib/byteSource.ts";
import type { FacetError } from "../../src/lib/errors.ts";
import { memoryFile } from "./repos.ts";
import { startTestHub, type TestHub } from "./server.ts";
import { MemoryStore } from "./memoryStore.ts";
import { failure, FILES, noise, tab, reader, REPO, same, sha256, LARGE, SMALL } from "./setting.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({
    repos: {
      [REPO]: { files: FILES, revisions: ["v1.0", "refs/pr/3"] },
      "someone/gated": { files: FILES, gated: true },
      "someone/private": { files: FILES, private: true },
      "someone/disabled": { files: FILES, disabled: true },
    },
    readers: ["hf_reader"],
    strangers: ["hf_stranger"],
    pageSize: 2,
  });
});
afterAll(() => hub.close());

const open = (ref: string, token?: string): ReturnType<typeof openHubTree> =>
  openHubTree(reader(hub, token), parseRepoRef(ref), null);

describe("a repo", () => {
  it.each(["", "@main", "@v1.0", "@refs/pr/3"])(
    "opened %s is pinned to its commit",
    async (revision) => {
      const tree = await open(REPO + revision);
      expect(tree).toMatchObject({ name: REPO, revision: hub.commit(REPO), gated: false });
    },
  );

  it("is asked for by its commit alone once that is known", async () => {
    hub.stats.clear();
    const tree = await open(`${REPO}@${hub.commit(REPO)}`);
    await readFile(tree, "config.json", 10_000);
    const urls = hub.stats.log.map(({ url }) => url);
    expect(urls.every((url) => url.includes(hub.commit(REPO)) && !url.includes("revision"))).toBe(
      true,
    );
  });

  it("lists its files over all pages, with their sizes and hashes", async () => {
    const { files } = await open(REPO);
    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ["config.json", 1234],
      ["model.safetensors", LARGE.byteLength],
      ["sae/blocks 6/cfg.json", 77],
    ]);
    expect(files[1]).toMatchObject({ sha256: sha256(LARGE), gitSha1: null });
    expect(files[0]).toMatchObject({
      sha256: null,
      gitSha1: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it("opened at a folder has that folder's files alone", async () => {
    const tree = await open(`${REPO}/sae/blocks 6`);
    expect(tree.name).toBe(`${REPO}/sae/blocks 6`);
    expect(tree.files.map(({ path }) => path)).toEqual(["cfg.json"]);
    expect(await tree.open("config.json")).toBeNull();
    expect((await readFile(tree, "cfg.json", 1000)).byteLength).toBe(77);
  });

  it("reads files of both kinds", async () => {
    const tree = await open(REPO);
    expect(same(await readFile(tree, "config.json", 1e7), SMALL)).toBe(true);
    expect(same(await readFile(tree, "model.safetensors", 1e7), LARGE)).toBe(true);
    expect(await tree.open("tokenizer.json")).toBeNull();
  });
});

describe("names as people give them", () => {
  const BRANCHES = ["feature/new-lr", "feature/new-lr-2", "fix#1", "main-ü", "a/b/c"];
  const FOLDERS = ["blocks.1 (v2)", "sae#1", "c++, k=64", "слой-1", "50%", "a&b", "o'brien", "x~y"];
  const NAMED = "someone/named";
  let named: TestHub;
  beforeAll(async () => {
    const file = noise(77, 3);
    const files = [...FOLDERS, "[best]", "new-lr", "%2e"].flatMap((folder) => [
      memoryFile(`${folder}/cfg.json`, file),
      memoryFile(`${folder}/sae_weights.safetensors`, LARGE),
    ]);
    named = await startTestHub({
      repos: { [NAMED]: { files, revisions: BRANCHES, tags: ["v1/rc", "feature/new-lr-2/old"] } },
    });
  });
  afterAll(() => named.close());
  const openNamed = (ref: string): ReturnType<typeof openHubTree> =>
    openHubTree(reader(named), parseRepoRef(NAMED + ref), null);

  it.each(FOLDERS)("a folder called %s", async (folder) => {
    const tree = await openNamed(`/${folder}`);
    expect(tree).toMatchObject({ folder, name: `${NAMED}/${folder}` });
    expect((await readFile(tree, "cfg.json", 1000)).byteLength).toBe(77);
    expect(same(await readFile(tree, "sae_weights.safetensors", 1e7), LARGE)).toBe(true);
  });

  it.each([
    ["@feature/new-lr", "", 18],
    ["@feature/new-lr/new-lr", "new-lr", 2],
    ["@feature/new-lr-2/sae#1", "sae#1", 2],
    ["@feature%2Fnew-lr/x~y", "x~y", 2],
    ["@fix#1/a&b", "a&b", 2],
    ["@main-ü", "", 22],
    ["@a/b/c/[best]", "[best]", 2],
    ["@v1/rc/50%", "50%", 2],
    ["@main/new-lr", "new-lr", 2],
  ])("%s is the folder %j", async (ref, folder, least) => {
    const tree = await openNamed(ref);
    expect(tree).toMatchObject({ folder, revision: named.commit(NAMED) });
    expect(tree.files.length).toBeGreaterThanOrEqual(least);
  });

  it("ask for the hub's list of branches only where the first part is none", async () => {
    const asked = async (ref: string): Promise<number> => {
      named.stats.clear();
      await openNamed(ref);
      return named.stats.log.filter(({ url }) => url.endsWith("/refs")).length;
    };
    expect([await asked("@main/new-lr"), await asked("@feature/new-lr")]).toEqual([0, 1]);
  });

  it("name the branch that there is not", async () => {
    expect(await failure(openNamed("@feature/other"))).toMatchObject({
      code: "RevisionNotFound",
      message: expect.stringContaining('"feature"'),
    });
  });

  it("are known again from the cache without a connection", async () => {
    const { cache } = await tab(new MemoryStore());
    const me = reader(named);
    const ref = parseRepoRef(`${NAMED}@feature/new-lr/sae#1`);
    await openHubTree(me, ref, cache);
    named.faults.add({ kind: "refuse", on: "api", times: Infinity });
    for (const text of ["@feature/new-lr/sae#1", "@feature%2Fnew-lr/sae#1"]) {
      const tree = await openHubTree(me, parseRepoRef(NAMED + text), cache);
      expect(tree.folder).toBe("sae#1");
    }
    const other = parseRepoRef(`${NAMED}@feature/other/sae#1`);
    expect(await failure(openHubTree(me, other, cache))).toMatchObject({ code: "Network" });
    named.faults.clear();
  });
});

describe("a refusal says what to do", () => {
  const cases: [string, string, string | undefined, FacetError["code"], RegExp][] = [
    [
      "a missing repo",
      "someone/nothing",
      undefined,
      "RepoNotFound",
      /no such model repo, or it is private.*Check the owner and the name.*Invalid username/,
    ],
    [
      "a missing repo, signed in",
      "someone/nothing",
      "hf_reader",
      "RepoNotFound",
      /this account may see/,
    ],
    ["a private repo", "someone/private", undefined, "RepoNotFound", /sign in or paste/],
    [
      "a private repo, to a stranger",
      "someone/private",
      "hf_stranger",
      "RepoNotFound",
      /this account may see/,
    ],
    [
      "a missing revision",
      `${REPO}@v9`,
      undefined,
      "RevisionNotFound",
      /no branch, tag or commit "v9"/,
    ],
    [
      "a missing commit",
      `${REPO}@${"0".repeat(40)}`,
      undefined,
      "RevisionNotFound",
      /Leave the revision out/,
    ],
    ["a missing folder", `${REPO}/nowhere`, undefined, "EntryNotFound", /no folder "nowhere"/],
    [
      "a public repo, with a token that is none",
      REPO,
      "hf_nonsense",
      "BadToken",
      /does not accept the access token.*Forget the token.*Invalid credentials/,
    ],
    [
      "a disabled repo",
      "someone/disabled",
      undefined,
      "Forbidden",
      /has disabled this repo.*Choose another/,
    ],
    ["a disabled repo, signed in", "someone/disabled", "hf_reader", "Forbidden", /has disabled/],
  ];
  it.each(cases)("%s", async (_, ref, token, code, message) => {
    const error = await failure(open(ref, token));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("a gated repo, whose files are listed for everyone", async () => {
    const tree = await open("someone/gated");
    expect(tree.gated).toBe(true);
    const read = (ref: typeof tree): Promise<Uint8Array> => readFile(ref, "config.json", 10_000);
    expect(await failure(read(tree))).toMatchObject({
      code: "GatedRepo",
      message: expect.stringMatching(
        /Accept it on the repo's page, then sign in or paste.*Access to model/,
      ),
    });
    expect(await failure(read(await open("someone/gated", "hf_stranger")))).toMatchObject({
      code: "GatedRepo",
      message: expect.stringMatching(/Accept the licence on the repo's page with the same account/),
    });
    expect(same(await read(await open("someone/gated", "hf_reader")), SMALL)).toBe(true);
  });
});

it("lists 130,000 files that come as one page", async () => {
  const content = new Uint8Array();
  const files = Array.from({ length: 130_000 }, (_, i) => memoryFile(`${i}`, content));
  const large = await startTestHub({ repos: { [REPO]: { files } }, pageSize: Infinity });
  try {
    const tree = await openHubTree(reader(large), parseRepoRef(REPO), null);
    expect(tree.files).toHaveLength(files.length);
  } finally {
    await large.close();
  }
});

describe("an endpoint that is no hub", () => {
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.closeAllConnections() ?? server.close()));

  async function openAt(answer: RequestListener): Promise<unknown> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = parseEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return openHubTree(
      { ...reader(hub), endpoint, tokens: new Tokens() },
      parseRepoRef(REPO),
      null,
    );
  }
  const json =
    (value: unknown): RequestListener =>
    (_, response) =>
      response.end(JSON.stringify(value));
  const hostile =
    (tree: unknown): RequestListener =>
    (request, response) =>
      response.end(
        JSON.stringify(request.url?.includes("/tree/") ? tree : { sha: "a".repeat(40) }),
      );

  it.each(["http://[", "https://", "http://a:99999/", "http://%zz/"])(
    "that says its list goes on at %j is refused",
    async (next) => {
      const error = await failure(
        openAt((request, response) => {
          response.setHeader("Link", `<${next}>; rel="next"`);
          hostile([{ type: "file", size: 1, path: "a" }])(request, response);
        }),
      );
      expect(error).toMatchObject({
        code: "Format",
        message: expect.stringMatching(/^Listing .* which is no address/),
      });
    },
  );

  it.each<[string, RequestListener, FacetError["code"]]>([
    ["a page of HTML", (_, response) => response.end("<!doctype html>"), "Network"],
    ["an empty answer", (_, response) => response.end(), "Network"],
    ["a teapot", (_, response) => response.writeHead(418).end(), "Network"],
    ["404 without a code", (_, response) => response.writeHead(404).end(), "RepoNotFound"],
    ["401 without a word", (_, response) => response.writeHead(401).end(), "RepoNotFound"],
    ["403 without a word", (_, response) => response.writeHead(403).end(), "Forbidden"],
    ["a list for a commit", json([]), "Format"],
    ["a commit that leads elsewhere", json({ sha: "../../../api/whoami" }), "Format"],
    ["a listing that is none", hostile({ error: "no" }), "Format"],
    ["a file without a name", hostile([{ type: "file", size: 1 }]), "Format"],
    [
      "a file that leads out of the repo",
      hostile([{ type: "file", size: 1, path: "a/../../../b" }]),
      "Format",
    ],
    ["a file of -1 bytes", hostile([{ type: "file", size: -1, path: "a" }]), "Format"],
    ["a file of 1e300 bytes", hostile([{ type: "file", size: 1e300, path: "a" }]), "Format"],
    [
      "a file that no address spells",
      hostile([{ type: "file", size: 1, path: "a\ud800" }]),
      "Format",
    ],
    ["a listing of nulls", hostile([null]), "Format"],
    ["an empty listing", hostile([]), "EntryNotFound"],
    [
      "an answer without end",
      (_, response) => {
        const more = (): void => {
          while (response.write("x".repeat(65_536)));
          response.once("drain", more);
        };
        more();
      },
      "Network",
    ],
    [
      "a listing without end",
      (request, response) => {
        response.setHeader("Link", `<${request.url}&cursor=1>; rel="next"`);
        hostile([])(request, response);
      },
      "Unsupported",
    ],
  ])("with %s is refused", async (_, answer, code) => {
    expect((await failure(openAt(answer))).code).toBe(code);
  });
});
