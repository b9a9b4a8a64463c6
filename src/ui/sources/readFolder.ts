// Folders from disk as lists of files, in the three ways that browsers give them: an input, a picker, a drop. Only names
// are read here; no byte of a file is, and nothing leaves the page. Hidden files are left out.

import { FacetError } from "../../lib/errors.ts";
import { show } from "../../lib/json.ts";
import type { LocalFolder } from "../../state/store.ts";
import type { LocalFile } from "../../lib/hosted.ts";
import { MAX_FILES } from "./folders.ts";

/** What a picker and a drop have in common: a file, or a folder to list. */
type Entry =
  | { readonly name: string; readonly file: () => Promise<File> }
  | { readonly name: string; readonly entries: () => AsyncIterable<Entry> };

const isHidden = (name: string): boolean => name.startsWith(".");

async function walk(entry: Entry, path: string, files: LocalFile[]): Promise<void> {
  if (isHidden(entry.name)) return;
  if ("file" in entry) {
    if (files.length === MAX_FILES) throw tooMany();
    files.push({ path, file: await entry.file() });
    return;
  }
  for await (const child of entry.entries()) await walk(child, `${path}/${child.name}`, files);
}

async function filesIn(folder: Extract<Entry, { entries: unknown }>): Promise<LocalFolder> {
  const files: LocalFile[] = [];
  for await (const child of folder.entries()) await walk(child, child.name, files);
  return withFiles({ name: folder.name, files });
}

/** Where huggingface_hub keeps contents, by their hashes; the names under snapshots/ are links to them. */
const CACHED = /(^|\/)blobs\/([0-9a-f]{40}|[0-9a-f]{64})$/;

/** The folder, if there is anything in it to open: browsers leave links out of what they give to a page. */
function withFiles(folder: LocalFolder): LocalFolder {
  const { name, files } = folder;
  const has = (pattern: RegExp): boolean => files.some(({ path }) => pattern.test(path));
  // On Windows without the right to make links the snapshots hold the files themselves.
  const cached = has(CACHED) && !has(/(^|\/)snapshots\//);
  if (files.length > 0 && !cached) return folder;
  const found = cached
    ? "it is a Hugging Face cache, whose files under snapshots/ are symbolic links"
    : "it holds no files, or only symbolic links, as the snapshots of the Hugging Face cache do";
  throw new FacetError(
    "EntryNotFound",
    `Reading the folder ${show(name)}: ${found}, and a browser gives a page no files for links. Make a copy with real files ("hf download owner/name --local-dir folder", or "cp -rL snapshot folder") and open that.`,
  );
}

const tooMany = (): FacetError =>
  new FacetError(
    "Unsupported",
    `Reading a folder: it holds more than ${MAX_FILES.toLocaleString("en-US")} files. Choose the folder of the model or of the SAE itself.`,
  );

/** From `<input type="file" webkitdirectory>`, whose paths begin with the folder's name. */
export function folderFromInput(list: FileList): LocalFolder {
  const files = Array.from(list, (file) => {
    const [name = "", ...path] = file.webkitRelativePath.split("/");
    return { name, path, file };
  }).filter(({ path }) => !path.some(isHidden));
  if (files.length > MAX_FILES) throw tooMany();
  const name = files[0]?.name ?? "";
  return withFiles({
    name,
    files: files.map(({ path, file }) => ({ path: path.join("/"), file })),
  });
}

// The picker that some browsers have; TypeScript's DOM does not know it yet.
interface FileHandle {
  readonly kind: "file";
  readonly name: string;
  getFile(): Promise<File>;
}
interface FolderHandle {
  readonly kind: "directory";
  readonly name: string;
  values(): AsyncIterable<FileHandle | FolderHandle>;
}
declare global {
  interface Window {
    showDirectoryPicker?: () => Promise<FolderHandle>;
  }
}

function ofHandle(handle: FileHandle): Extract<Entry, { file: unknown }>;
function ofHandle(handle: FolderHandle): Extract<Entry, { entries: unknown }>;
function ofHandle(handle: FileHandle | FolderHandle): Entry;
function ofHandle(handle: FileHandle | FolderHandle): Entry {
  const { name } = handle;
  if (handle.kind === "file") return { name, file: () => handle.getFile() };
  return {
    name,
    async *entries() {
      for await (const child of handle.values()) yield ofHandle(child);
    },
  };
}

/** null where the reader closed the picker. */
export async function folderFromPicker(
  pick: NonNullable<Window["showDirectoryPicker"]>,
): Promise<LocalFolder | null> {
  let handle: FolderHandle;
  try {
    handle = await pick();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
  return filesIn(ofHandle(handle));
}

/** Where a drop's loose files are kept together. */
const LOOSE = "dropped";

/** What was dropped. Must be called while the drop event is handled: afterwards its items are gone. */
export async function foldersFromDrop(items: DataTransferItemList): Promise<LocalFolder[]> {
  const entries = Array.from(items, (item) => {
    const entry = item.webkitGetAsEntry();
    if (entry !== null) return ofEntry(entry);
    // Not from a disk: out of another page, or out of an archive that is open.
    const file = item.getAsFile();
    return file === null ? null : { name: file.name, file: async () => file };
  });
  const folders: LocalFolder[] = [];
  const loose: LocalFile[] = [];
  for (const entry of entries) {
    if (entry === null) continue;
    if ("file" in entry) await walk(entry, entry.name, loose);
    else folders.push(await filesIn(entry));
  }
  return loose.length > 0 ? [...folders, { name: LOOSE, files: loose }] : folders;
}

function ofEntry(entry: FileSystemEntry): Entry {
  const { name } = entry;
  if (entry.isFile) {
    const file = entry as FileSystemFileEntry;
    return { name, file: () => new Promise((resolve, reject) => file.file(resolve, reject)) };
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  return {
    name,
    async *entries() {
      for (;;) {
        // A hundred at a time, and none at the end.
        const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject),
        );
        if (batch.length === 0) return;
        for (const child of batch) yield ofEntry(child);
      }
    },
  };
}
