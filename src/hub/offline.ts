// The files of the app itself, kept for visits without a network: filled whole by the service worker of one version, and
// answered from, so that a tab never gets files of two versions. Models and SAEs of hubs are not kept here
// (hub/cache does that); what is not on the list goes to the network as if this were not there.

/** Path under the scope → its hash, as `integrity` has it ("sha256-…"). */
export type FileList = Readonly<Record<string, string>>;

export interface OfflineParts {
  /** Where the app is, with a slash at its end. */
  readonly scope: string;
  readonly version: string;
  readonly files: FileList;
  readonly caches: Pick<CacheStorage, "open" | "keys" | "delete">;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
}

export const fromNetwork: OfflineParts["fetch"] = (url, init) => fetch(url, init);

/** Under which path a cache holds the list it was filled by. */
const LIST = ".facet-files";
const INDEX = "index.html";
/** Files fetched side by side. */
const ABREAST = 4;

/** Caches are shared by every app of an origin. */
const prefixOf = (scope: string): string => `facet ${scope} `;

/**
 * Fills the cache of this version; fails as a whole where one file is missing or of another build. What an older
 * version holds with the same hash is copied.
 */
export async function install(parts: OfflineParts): Promise<void> {
  const { scope, version, files, caches } = parts;
  const prefix = prefixOf(scope);
  const own = prefix + version;
  const older = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== own);
  const held = await Promise.all(
    older.map(async (name) => readList(await caches.open(name), scope)),
  );
  const cache = await caches.open(own);
  const waiting = Object.entries(files);
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [path, integrity] = next;
      const at = held.findIndex((list) => list[path] === integrity);
      const from = older[at];
      const known =
        from === undefined ? undefined : await (await caches.open(from)).match(scope + path);
      await cache.put(scope + path, known ?? (await read(parts, path, integrity)));
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, work));
  await cache.put(scope + LIST, new Response(JSON.stringify(files)));
}

async function readList(cache: Cache, scope: string): Promise<FileList> {
  const list = await cache.match(scope + LIST);
  // Written by a version of this code; without it (a fill that was interrupted) nothing is known.
  return list === undefined ? {} : ((await list.json()) as FileList);
}

/** The browser refuses a body of another hash: that of a deployment that is half done. */
async function read(
  { scope, fetch: get }: OfflineParts,
  path: string,
  integrity: string,
): Promise<Response> {
  const response = await get(scope + path, { integrity, cache: "no-cache" });
  if (response.ok) return response;
  throw new Error(`Keeping ${path} for visits without a network: status ${response.status}.`);
}

/** Removes what older versions kept; once none of their tabs is open. */
export async function activate({ scope, version, caches }: OfflineParts): Promise<void> {
  const prefix = prefixOf(scope);
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== prefix + version) await caches.delete(name);
  }
}

/** The path on the list that a request is for; null where it is for the network. */
export function pathOf(
  { scope, files }: Pick<OfflineParts, "scope" | "files">,
  { url, method }: { readonly url: string; readonly method: string },
): string | null {
  const bare = url.replace(/[?#].*$/s, "");
  if (method !== "GET" || !bare.startsWith(scope)) return null;
  const path = bare.slice(scope.length) || INDEX;
  return Object.hasOwn(files, path) ? path : null;
}

/** From this version's cache; from the network where the browser has thrown it away. */
export async function answer(
  { scope, version, caches, fetch: get }: OfflineParts,
  path: string,
): Promise<Response> {
  const cache = await caches.open(prefixOf(scope) + version);
  return (await cache.match(scope + path)) ?? get(scope + path);
}
