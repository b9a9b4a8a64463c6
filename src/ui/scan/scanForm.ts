// What the reader fills in to scan a corpus, and the request that it makes. Pure.

import type { CorpusFile, ScanRequest } from "../../lib/scan.ts";

export interface ScanForm {
  readonly kind: ScanRequest["corpus"]["kind"];
  readonly files: readonly CorpusFile[];
  /** owner/name[@revision][/folder]. */
  readonly dataset: string;
  /** Holds the text, in all files but plain text; empty: the usual one. */
  readonly column: string;
  /** Of each source; empty: all. */
  readonly documents: string;
  readonly metrics: boolean;
}

export const EMPTY_FORM: ScanForm = {
  kind: "bundled",
  files: [],
  dataset: "",
  column: "",
  documents: "",
  metrics: false,
};

/** Or the address of its page: what it says in full is read by the hub's client. */
const DATASET = /^(https?:\/\/\S+|[\w.-]+\/[\w.-]+([@/]\S.*)?)$/;

/** What is still missing, in words; null where a scan can start. */
export function missing(form: ScanForm): string | null {
  if (form.kind === "files" && form.files.length === 0)
    return "Choose text, JSONL, JSON, CSV or Parquet files.";
  if (form.kind === "dataset" && !DATASET.test(form.dataset.trim()))
    return "Name a dataset: owner/name.";
  if (form.documents.trim() !== "" && !/^[1-9]\d{0,8}$/.test(form.documents.trim()))
    return "The number of documents is a whole number, or nothing for all.";
  return null;
}

/** @param endpoint of the hub that the view names; null: the public one. */
export function requestOf(form: ScanForm, endpoint: string | null): ScanRequest {
  const column = form.column.trim();
  const named = column === "" ? {} : { column };
  const documents = form.documents.trim();
  return {
    corpus:
      form.kind === "bundled"
        ? { kind: "bundled" }
        : form.kind === "files"
          ? { kind: "files", files: form.files, ...named }
          : {
              kind: "dataset",
              dataset: form.dataset.trim(),
              ...named,
              ...(endpoint !== null && { endpoint }),
            },
    ...(documents !== "" && { documents: Number(documents) }),
    ...(form.metrics && { metrics: true }),
  };
}

/** What is being scanned, in words. */
export function askedTold({ corpus }: ScanRequest): string {
  if (corpus.kind === "bundled") return "the bundled corpus";
  if (corpus.kind === "dataset") return corpus.dataset;
  return corpus.files.length === 1 ? (corpus.files[0]?.path ?? "") : `${corpus.files.length} files`;
}
