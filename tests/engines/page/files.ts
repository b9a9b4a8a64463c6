// The repository's files in a page: those that the server lists are fetched before any suite asks for one.
// Stands in for tests/support/files.ts.

const held = new Map<string, Uint8Array<ArrayBuffer>>();

/** To be called, and awaited, before a suite is imported. */
export async function fetchFiles(): Promise<void> {
  const list = (await (await fetch("./files.json")).json()) as string[];
  await Promise.all(
    list.map(async (path) => {
      const response = await fetch(`./files/${path}`);
      if (!response.ok) throw new Error(`Fetching ${path}: status ${response.status}.`);
      held.set(path, new Uint8Array(await response.arrayBuffer()));
    }),
  );
}

export const repository = (path: string): string => path;

export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  const bytes = held.get(path);
  if (bytes === undefined) throw new Error(`The page was given no ${path}.`);
  return bytes;
}

export const readText = (path: string): string => new TextDecoder().decode(readBytes(path));

export const isFile = (path: string): boolean => held.has(path);

export function namesIn(path: string): string[] {
  const inside = [...held.keys()].filter((name) => name.startsWith(`${path}/`));
  return [...new Set(inside.map((name) => name.slice(path.length + 1).split("/", 1)[0] ?? ""))]
    .filter((name) => name !== "")
    .toSorted();
}
