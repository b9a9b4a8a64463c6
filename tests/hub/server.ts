// The test hub: a Node server that speaks the Hub's protocol as a browser meets it (API on one origin, large files behind
// signed addresses on another, CORS as the Hub has it), and goes wrong on request. One commit a repo, no uploads.

import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Fault, Faults, type Met } from "./faults.ts";
import { type HostedFile, type HostedRepo, hostRepo, type RepoOptions } from "./repos.ts";
import { parseRange, sendFile } from "./sendFile.ts";
import { type RequestRecord, Stats } from "./stats.ts";

export interface TestHubOptions {
  /** `owner/name` → its folder, or more. */
  readonly repos: Readonly<Record<string, string | RepoOptions>>;
  /** Tokens of people who may read what is gated or private. */
  readonly readers?: readonly string[];
  /** Tokens of people who may not. */
  readonly strangers?: readonly string[];
  /** How long a signed address is good. */
  readonly signatureMs?: number;
  /** Files a page of a listing; the Hub has 1000. */
  readonly pageSize?: number;
  /** What a listing's next page is said to be, from what it is; for a hub that lies. */
  readonly nextPage?: (url: string) => string;
}

export interface TestHub {
  readonly endpoint: string;
  readonly cdn: string;
  readonly stats: Stats;
  readonly faults: Faults;
  commit(repo: string): string;
  /** Every signed address given so far is good no longer. */
  expireSignatures(): void;
  close(): Promise<void>;
}

/** Headers of the Hub's answers that a page may read. */
const EXPOSED =
  "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,Retry-After";

export async function startTestHub(options: TestHubOptions): Promise<TestHub> {
  const repos = new Map<string, HostedRepo>();
  for (const [name, repo] of Object.entries(options.repos)) {
    repos.set(name, await hostRepo(typeof repo === "string" ? { files: repo } : repo));
  }
  const stats = new Stats();
  const faults = new Faults();
  const readers = new Set(options.readers);
  const known = new Set([...readers, ...(options.strangers ?? [])]);
  let secret = randomBytes(16);
  const sign = (path: string, expires: number): string =>
    createHmac("sha256", secret).update(`${path} ${expires}`).digest("hex");

  const hub = await listen("hub", answerHub);
  const cdn = await listen("cdn", answerCdn);

  async function answerHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The Hub names the origin that asked; its storage, which sees `null` after the redirect, says `*`.
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? hub.origin);
    response.setHeader("Vary", "Origin");
    response.setHeader("Access-Control-Expose-Headers", EXPOSED);
    if (request.method === "OPTIONS") {
      response.setHeader("Access-Control-Allow-Methods", "GET,HEAD,POST,OPTIONS");
      response.setHeader("Access-Control-Allow-Headers", "Authorization,Content-Type,Range");
      response.setHeader("Access-Control-Max-Age", "86400");
      response.writeHead(204).end();
      return;
    }
    const url = new URL(request.url ?? "/", hub.origin);
    const parts = url.pathname.slice(1).split("/").map(decodeURIComponent);
    const isApi = parts[0] === "api" && (parts[1] === "models" || parts[1] === "datasets");
    const place = isApi ? parts.slice(1) : parts;
    // Models have no word of their own in the addresses of files.
    const kind = place[0] === "datasets" ? "datasets/" : "";
    const inKind = isApi || kind !== "" ? place.slice(1) : place;
    const [owner, name, verb, revision = "", ...rest] = inKind;
    const repoName = `${kind}${owner}/${name}`;
    const repo = repos.get(repoName);
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;

    // Whatever it is for: a public repo is not read with a bad token either.
    if (token !== null && !known.has(token)) {
      return refuse(response, 401, null, "Invalid credentials in Authorization header");
    }
    const mayRead = token !== null && readers.has(token);
    if (repo === undefined || (repo.private && !mayRead)) {
      // To who does not say who they are, the Hub does not say whether there is such a repo.
      return token === null
        ? refuse(response, 401, null, "Invalid username or password.")
        : refuse(response, 404, "RepoNotFound", "Repository not found");
    }
    if (repo.disabled) return refuse(response, 403, null, "Access to this resource is disabled.");
    if (isApi && meet(response, { on: "api", path: null, body: null }) === "answered") {
      return undefined;
    }
    if (isApi && verb === "refs") return sendJson(response, refsOf(repo));
    if (!repo.revisions.has(revision)) {
      return refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    }
    response.setHeader("X-Repo-Commit", repo.commit);
    if (isApi) {
      if (verb === "revision") {
        const gated = repo.gated ? "manual" : false;
        return sendJson(response, { id: repoName, sha: repo.commit, gated, private: repo.private });
      }
      if (verb === "tree") return sendTree(response, repo, url);
    }
    if (verb !== "resolve") return refuse(response, 404, null, "Not found");
    if (repo.gated && !mayRead) {
      const message = `Access to model ${repoName} is restricted. You must have access to it and be authenticated to access it. Please log in.`;
      return refuse(response, token === null ? 401 : 403, "GatedRepo", message);
    }
    const file = repo.files.get(rest.join("/"));
    if (file === undefined) return refuse(response, 404, "EntryNotFound", "Entry not found");
    if (!file.large) return send(request, response, repoName, file, "resolve");
    const redirect: Met = { on: "resolve", path: file.path, body: null };
    if (meet(response, redirect) === "answered") return undefined;
    const expires = Date.now() + (options.signatureMs ?? 3_600_000);
    const path = `/${repoName}/${file.oid}`;
    const query = new URLSearchParams({ Expires: String(expires), Signature: sign(path, expires) });
    response.writeHead(302, {
      Location: `${cdn.origin}${path}?${query.toString()}`,
      "X-Linked-Size": file.size,
      "X-Linked-ETag": `"${file.oid}"`,
    });
    response.end();
    return undefined;
  }

  function sendTree(response: ServerResponse, repo: HostedRepo, url: URL): void {
    const files = [...repo.files.values()];
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const to = Math.min(files.length, from + (options.pageSize ?? 1000));
    if (to < files.length) {
      url.searchParams.set("cursor", String(to));
      const next = options.nextPage?.(url.href) ?? url.href;
      response.setHeader("Link", `<${next}>; rel="next"`);
    }
    const folders = new Set(
      files.flatMap(({ path }) => {
        const parts = path.split("/").slice(0, -1);
        return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
      }),
    );
    const directories = [...folders].map((path) => ({
      type: "directory",
      oid: "0".repeat(40),
      size: 0,
      path,
    }));
    sendJson(response, [
      ...(from === 0 ? directories : []),
      ...files.slice(from, to).map(({ path, size, oid, large }) => ({
        type: "file",
        // A large file's own oid is that of its pointer in git.
        oid: large ? oid.slice(0, 40) : oid,
        size,
        ...(large ? { lfs: { oid, size, pointerSize: 135 } } : {}),
        path,
      })),
    ]);
  }

  async function answerCdn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", cdn.origin);
    const parts = url.pathname.slice(1).split("/");
    const [repoName, oid] = [parts.slice(0, -1).join("/"), parts.at(-1)];
    const expires = Number(url.searchParams.get("Expires"));
    if (sign(url.pathname, expires) !== url.searchParams.get("Signature") || expires < Date.now()) {
      // As the Hub's storage does it: without CORS headers, so that a browser tells of a network error.
      response.writeHead(403, { "Content-Type": "application/xml" });
      response.end("<Error><Code>AccessDenied</Code></Error>");
      return;
    }
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", "*");
    const repo = repos.get(repoName);
    const file = [...(repo?.files.values() ?? [])].find((hosted) => hosted.oid === oid);
    if (file) await send(request, response, repoName, file, "cdn");
    else response.writeHead(404).end();
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    repo: string,
    file: HostedFile,
    on: Met["on"],
  ): Promise<void> {
    const range = parseRange(request.headers.range, file.size);
    if (range === "unsatisfiable") {
      response.writeHead(416, { "Content-Range": `bytes */${file.size}` }).end();
      return;
    }
    const body = range ?? { start: 0, end: file.size };
    const fault = meet(response, { on, path: file.path, body });
    if (fault !== "answered") {
      await sendFile(response, file, range, fault, stats.of(`${repo}/${file.path}`));
    }
  }

  /** The fault that the request meets, unless it has answered the request already. */
  function meet(response: ServerResponse, request: Met): Fault | null | "answered" {
    const fault = faults.take(request);
    if (fault?.kind === "noCors") {
      response.removeHeader("Access-Control-Allow-Origin");
      response.removeHeader("Access-Control-Expose-Headers");
    }
    if (fault?.kind === "refuse") {
      response.destroy();
      return "answered";
    }
    if (fault?.kind === "status") {
      if (fault.retryAfter !== undefined) response.setHeader("Retry-After", fault.retryAfter);
      response.writeHead(fault.status).end();
      return "answered";
    }
    return fault;
  }

  async function listen(
    server: RequestRecord["server"],
    answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<{ origin: string; close(): Promise<void> }> {
    const http: Server = createServer((request, response) => {
      const { origin = null, authorization = null, range = null } = request.headers;
      const record: RequestRecord = {
        server,
        method: request.method ?? "",
        url: request.url ?? "",
        origin,
        authorization,
        range,
        headers: JSON.stringify(request.headers),
        status: 0,
      };
      stats.log.push(record);
      response.on("close", () => (record.status = response.statusCode));
      if (request.method !== "GET" && request.method !== "OPTIONS") {
        response.writeHead(405).end();
        return;
      }
      answer(request, response).catch((error: unknown) => {
        // A browser client that asks for what it must not is a bug for the test to see.
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    return {
      origin: `http://127.0.0.1:${port}`,
      close: () =>
        new Promise((resolve) => {
          http.close(() => resolve());
          http.closeAllConnections();
        }),
    };
  }

  return {
    endpoint: hub.origin,
    cdn: cdn.origin,
    stats,
    faults,
    commit: (name) => repos.get(name)?.commit ?? "",
    expireSignatures: () => (secret = randomBytes(16)),
    close: async () => {
      await Promise.all([hub.close(), cdn.close()]);
    },
  };
}

/** https://huggingface.co/docs/hub/api: the branches and tags of a repo. */
function refsOf({ commit, revisions, tags }: HostedRepo): unknown {
  const ref = (place: string) => (name: string) => ({
    name,
    ref: `refs/${place}/${name}`,
    targetCommit: commit,
  });
  const branches = [...revisions].filter(
    (name) => name !== commit && !name.startsWith("refs/") && !tags.has(name),
  );
  return {
    branches: branches.map(ref("heads")),
    converts: [],
    tags: [...tags].map(ref("tags")),
  };
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string | null,
  message: string,
): void {
  if (code !== null) response.setHeader("X-Error-Code", code);
  response.setHeader("X-Error-Message", message);
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ error: message }));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}
