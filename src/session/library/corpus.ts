// From what the reader chose to scan to the files that are read: the bundled corpus, files from disk, a hub's dataset.

import { storedContent } from "../../corpus/content.ts";
import { jsonlSource } from "../../corpus/jsonl.ts";
import { openText } from "../../corpus/openText.ts";
import type { TextSource } from "../../corpus/textSource.ts";
import { blobSource } from "../../hub/localTree.ts";
import { FacetError } from "../../lib/errors.ts";
import type { JobOptions } from "../../lib/progress.ts";
import type { CorpusChoice } from "../../lib/scan.ts";
import type { Session } from "../session.ts";

export interface OpenCorpus {
  /** For people: "the bundled corpus", "3 files". */
  readonly name: string;
  /** Tells it apart from any other: what a stopped scan is found again by. */
  readonly key: string;
  readonly sources: readonly TextSource[];
}

type Choice<Kind> = Extract<CorpusChoice, { kind: Kind }>;
export type OpenDataset = (choice: Choice<"dataset">, options: JobOptions) => Promise<OpenCorpus>;

const DEFAULT_COLUMN = "text";

export async function openCorpus(
  session: Session,
  choice: CorpusChoice,
  openDataset: OpenDataset | null,
  options: JobOptions,
): Promise<OpenCorpus> {
  if (choice.kind === "files") return filesCorpus(choice, options);
  if (choice.kind === "bundled") return bundledCorpus(session, options);
  if (openDataset) return openDataset(choice, options);
  throw new FacetError("Unsupported", "Scanning a dataset: no hub can be reached from here.");
}

async function bundledCorpus({ model }: Session, options: JobOptions): Promise<OpenCorpus> {
  const { corpus, name } = model.source;
  if (!corpus) {
    throw new FacetError(
      "EntryNotFound",
      `Scanning the bundled corpus: none came with ${name}. Choose files or a dataset.`,
    );
  }
  const source = await corpus.open(options);
  const bytes = await source.size(options);
  return {
    name: corpus.name,
    key: `bundled ${bytes}`,
    sources: [jsonlSource(storedContent(source, bytes), DEFAULT_COLUMN)],
  };
}

async function filesCorpus(
  { files, column = DEFAULT_COLUMN }: Choice<"files">,
  options: JobOptions,
): Promise<OpenCorpus> {
  if (files.length === 0) {
    throw new FacetError("EntryNotFound", "Scanning files: none was chosen. Choose text files.");
  }
  const sources: TextSource[] = [];
  const stamps: unknown[] = [column];
  for (const { path, file } of files) {
    sources.push(await openText(blobSource(path, file), column, options));
    stamps.push([path, file.size, "lastModified" in file ? file.lastModified : null]);
  }
  return {
    name: files.length === 1 ? (files[0]?.path ?? "") : `${files.length} files`,
    key: `files ${JSON.stringify(stamps)}`,
    sources,
  };
}
