// What the engine opens: a model's folder, an SAE's folder, a corpus. Where they come from is the library's business.

import type { ByteSource, FileTree } from "../../lib/byteSource.ts";
import type { Labels } from "../../lib/openCard.ts";
import type { JobOptions } from "../../lib/progress.ts";
import type { Facts } from "./facts.ts";
import type { Catalog, OpenRequest, Published } from "../../lib/report.ts";
import type { HeldScan } from "../../scan/held.ts";

export interface ModelSource {
  /** As reports name it: "demo", "owner/name". */
  readonly source: string;
  readonly name: string;
  readonly tree: FileTree;
  /** Texts to start from. */
  readonly presets: readonly string[];
  readonly corpus: CorpusSource | null;
}

export interface SaeSource {
  readonly source: string;
  readonly folder: string;
  readonly tree: FileTree;
  readonly files: readonly { path: string; bytes: number }[];
  readonly published: readonly Published[];
  /** s of expected_average_only_in where a table has it. */
  readonly normScalingFactor: number | null;
  readonly labels: Labels | null;
  /** `model/source` under which Neuronpedia has its features, where a table has it; else its configuration says. */
  readonly neuronpediaId?: string;
  /** What was published of it, for the self-check. */
  readonly facts: Facts | null;
  /** The scan that ships with it. */
  readonly scan?: () => Promise<HeldScan | null>;
}

export interface CorpusSource {
  readonly name: string;
  readonly documents: number;
  /** How many of the first documents make the cheap sample that published numbers exist for. */
  readonly sampleDocuments: number;
  read(options: JobOptions): Promise<readonly string[]>;
  /** The same as a JSONL file. */
  open(options: JobOptions): Promise<ByteSource>;
}

export interface Library {
  catalog(options: JobOptions): Promise<Catalog>;
  /** `RepoNotFound` where the request names nothing that is known. */
  model(request: OpenRequest, options: JobOptions): Promise<ModelSource>;
  sae(request: OpenRequest, options: JobOptions): Promise<SaeSource>;
}
