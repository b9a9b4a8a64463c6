// From a corpus to batches of contexts: each document is tokenised on its own, its tokens (without BOS) are cut into
// runs that leave room for one, and every run gets BOS in front; none does where the SAE runs without BOS.

import type { TextSource } from "../corpus/textSource.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Batch } from "../model/forward.ts";
import type { ContextPlace } from "../scan/batch.ts";
import type { Cursor } from "../scan/held.ts";
import { encode } from "./input.ts";
import { beginsWithBos, type Session } from "./session.ts";

/** Tokens that run together in one batch, where contexts are shorter than that. */
const BATCH_TOKENS = 1024;

/** Length of a context: what the SAE was trained on, where it says so, within what the model holds. */
export function contextLength({ model, sae }: Session): number {
  const { context } = model.gemma.config;
  return Math.min(sae.sae.config.contextSize ?? context, context);
}

interface Run {
  /** Which token of the document comes first, BOS not counted. */
  readonly start: number;
  /** BOS first, where there is one. */
  readonly ids: readonly number[];
}

function* runsOf(session: Session, text: string, from = 0): Generator<Run> {
  // A Parquet file can have millions of rows without a text.
  if (text === "") return;
  const bos = bosOf(session);
  const room = contextLength(session) - bos.length;
  const tokens = encode(session.model, text, bos.length > 0).slice(bos.length);
  for (let start = from; start < tokens.length; start += room) {
    yield { start, ids: [...bos, ...tokens.slice(start, start + room)] };
  }
}

/** What every context begins with: BOS, or nothing. */
function bosOf(session: Session): readonly number[] {
  const bosId = session.model.tokenizer?.bosId ?? null;
  return beginsWithBos(session) && bosId !== null ? [bosId] : [];
}

/** Whether a run still goes into a batch that holds so many tokens. */
const fits = (tokens: number, run: Run): boolean =>
  tokens === 0 || tokens + run.ids.length <= BATCH_TOKENS;

export function contextsOf(session: Session, texts: readonly string[]): Batch[] {
  const batches: Run[][] = [];
  let tokens = 0;
  for (const text of texts) {
    for (const run of runsOf(session, text)) {
      const batch = batches.at(-1);
      if (batch && fits(tokens, run)) batch.push(run);
      else batches.push([run]);
      tokens = (batch === batches.at(-1) ? tokens : 0) + run.ids.length;
    }
  }
  return batches.map(batchOf);
}

const batchOf = (runs: readonly Run[]): Batch => ({
  ids: Uint32Array.from(runs.flatMap(({ ids }) => ids)),
  contexts: runs.map(({ ids }) => ids.length),
});

export interface CorpusBatch {
  readonly batch: Batch;
  readonly places: readonly ContextPlace[];
  /** Documents without a text that were passed since the batch before, by the name of their source. */
  readonly withoutText: ReadonlyMap<string, number>;
  /** Behind its last context. */
  readonly next: Cursor;
  /** Share of the corpus that lies behind then, 0 to 1. */
  readonly share: number;
}

/**
 * A corpus in batches, read as they are asked for. From wherever a batch ended it goes on with the same batches.
 * @param documents of each source at most.
 */
export async function* corpusBatches(
  session: Session,
  sources: readonly TextSource[],
  from: Cursor,
  documents: number,
  options: JobOptions,
): AsyncGenerator<CorpusBatch> {
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  let runs: Run[] = [];
  let places: ContextPlace[] = [];
  let tokens = 0;
  /** Before the batch's last run, and behind it: those belong to the batch that goes on from there. */
  let withoutText = new Map<string, number>();
  let passed = new Map<string, number>();
  let behind = sources.slice(0, from.source).reduce((sum, source) => sum + source.bytes, 0);
  let share = 0;
  let at = from;
  const lead = bosOf(session).length;
  const flush = (): CorpusBatch => {
    const made = { batch: batchOf(runs), places, withoutText, next: at, share };
    [runs, places, tokens] = [[], [], 0];
    withoutText = new Map();
    return made;
  };
  for (const [number, source] of sources.entries()) {
    if (number < from.source) continue;
    let { document, token } = number === from.source ? from : { document: 0, token: 0 };
    const reading = document < documents ? source.read(document, options) : [];
    for await (const { text, share: read } of reading) {
      if (text === "") passed.set(source.name, (passed.get(source.name) ?? 0) + 1);
      for (const run of runsOf(session, text, token)) {
        if (!fits(tokens, run)) yield flush();
        addCounts(withoutText, passed);
        passed = new Map();
        runs.push(run);
        tokens += run.ids.length;
        places.push({ source: source.name, document, start: run.start, length: run.ids.length });
        at = { source: number, document, token: run.start + run.ids.length - lead };
        share = (behind + Math.max(read, (document + 1) / documents) * source.bytes) / bytes;
      }
      document++;
      token = 0;
      if (document >= documents) break;
    }
    behind += source.bytes;
  }
  addCounts(withoutText, passed);
  if (runs.length > 0) yield flush();
}

function addCounts(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, count] of from) into.set(name, (into.get(name) ?? 0) + count);
}
