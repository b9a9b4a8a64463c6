// Which folders among files from disk hold a model and which an SAE, told by the files that they have. Pure: what the
// files say is read later, by the engine.

import type { LocalFolder } from "../../state/store.ts";
import type { LocalFile } from "../../lib/hosted.ts";

export type SourceKind = "model" | "sae";

export interface FoundFolder extends LocalFolder {
  /** null: neither by its files; the reader has to say. */
  readonly kind: SourceKind | null;
}

/** A folder with more files than this is not one model or SAE: a whole disk was picked. */
export const MAX_FILES = 2000;

/** Every folder in `files` that is a model or an SAE, outer ones first; the whole, of no kind, where none is. */
export function findFolders(name: string, files: readonly LocalFile[]): FoundFolder[] {
  const byFolder = new Map<string, Set<string>>();
  for (const { path } of files) {
    const { folder, file } = splitPath(path);
    const names = byFolder.get(folder);
    if (names) names.add(file);
    else byFolder.set(folder, new Set([file]));
  }
  const found = [...byFolder]
    .map(([folder, names]) => ({ folder, kind: kindOf(names) }))
    .filter(({ kind }) => kind !== null)
    .toSorted((a, b) => depth(a.folder) - depth(b.folder) || (a.folder < b.folder ? -1 : 1))
    .map(({ folder, kind }) => ({
      kind,
      name: folder === "" ? name : `${name}/${folder}`,
      files: inFolder(files, folder),
    }));
  return found.length > 0 ? found : [{ kind: null, name, files }];
}

export const bytesOf = ({ files }: LocalFolder): number =>
  files.reduce((sum, { file }) => sum + file.size, 0);

/** As SAELens saves an SAE, as transformers saves a model. */
function kindOf(names: ReadonlySet<string>): SourceKind | null {
  if (names.has("cfg.json")) return "sae";
  const weights = [...names].some((name) => name.endsWith(".safetensors"));
  return names.has("config.json") && weights ? "model" : null;
}

function splitPath(path: string): { folder: string; file: string } {
  const slash = path.lastIndexOf("/");
  return { folder: path.slice(0, Math.max(0, slash)), file: path.slice(slash + 1) };
}

const depth = (folder: string): number => (folder === "" ? 0 : folder.split("/").length);

function inFolder(files: readonly LocalFile[], folder: string): LocalFile[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  return files
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ path, file }) => ({ path: path.slice(prefix.length), file }));
}
