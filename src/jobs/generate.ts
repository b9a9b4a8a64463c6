// Job: a text continued token by token, without edits and with them, from the same random numbers.

import { defined } from "../lib/defined.ts";
import { sample } from "../analysis/sampling.ts";
import { checkEdits } from "../lib/edits.ts";
import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import { randomSource } from "../lib/random.ts";
import type {
  Continuation,
  Generation,
  GenerationOptions,
  NextToken,
} from "../lib/interventions.ts";
import type { Text } from "../lib/report.ts";
import { checkText } from "./checks.ts";
import { onSession } from "./job.ts";
import { Decoding } from "../session/passes/decoding.ts";
import { Editing } from "../session/passes/editing.ts";
import { checkCount, pieceOf, prepareInput, requireTokens } from "../session/input.ts";
import { logProbabilities } from "../session/passes/nextTokens.ts";
import { type OpenModel, provenance, type Session } from "../session/session.ts";

const DOING = "Continuing a text";
/** Beyond it every token is about as likely as every other. */
const MOST_TEMPERATURE = 100;

/**
 * The text continued, without edits and (where there are any) with them, from the same random numbers. Greedy unless a
 * temperature is given; 64 tokens and seed 1 where none are. Its progress carries the text so far; cancelled once it has
 * begun, it resolves with what there is.
 */
export const generate = onSession(
  "continuing a text",
  (session, [text, how = {}]: [Text, Partial<GenerationOptions>?], options) => {
    const { edits = [], maxTokens = 64, temperature = 0, topP = 1, seed = 1 } = how;
    const asked = { edits, maxTokens, temperature, topP, seed };
    return continueText(session, checkText(text), asked, options);
  },
);

async function continueText(
  session: Session,
  text: Text,
  how: GenerationOptions,
  options: JobOptions,
): Promise<Generation> {
  const { backend, model, sae } = session;
  const { config } = model.gemma;
  const input = requireTokens(prepareInput(session, text), DOING);
  const promptTokens = input.ids.length;
  checkOptions(how, config.context);
  const room = Math.min(how.maxTokens, config.context - promptTokens);
  const bounds = { dSae: sae.sae.config.dSae, tokens: promptTokens + Math.max(room, 0) };
  const edits = checkEdits(how.edits, bounds);
  const editing = edits.length > 0 ? await Editing.open(backend, sae.sae, edits) : null;

  const { decoding, logits, residualNorm } = await Decoding.start(
    session,
    input,
    editing,
    room,
    options,
  );
  const full = room < how.maxTokens ? "context" : "length";
  const streams = logits.map(() => new Stream(model, how));
  try {
    let next = logits;
    for (let done = 0; done < room; done++) {
      streams.forEach((stream, i) => stream.take(next[i] ?? new Float32Array(0)));
      tell(streams, done + 1, room, options);
      if (done + 1 === room || streams.every(({ ended }) => ended !== null)) break;
      next = await decoding.step(
        streams.map(({ last }) => last),
        options,
      );
    }
  } catch (error) {
    // What there is by then is what the reader asked to see.
    if (!(error instanceof FacetError && error.code === "Cancelled")) throw error;
    for (const stream of streams) stream.ended ??= "stopped";
  } finally {
    decoding.dispose();
  }
  const [clean, edited = null] = streams.map((stream) => stream.continuation(full));
  if (!clean) throw new Error("The text's own stream is always run.");
  return {
    schema: "facet.generation/1",
    ...provenance(session),
    ...how,
    text: input.text,
    promptTokens,
    edits,
    residualNorm,
    clean,
    edited,
    truncated: input.truncated,
  };
}

/** One of the texts being made. */
class Stream {
  ended: Continuation["ended"] | null = null;
  readonly #model: OpenModel;
  readonly #how: GenerationOptions;
  readonly #random: () => number;
  readonly #tokens: NextToken[] = [];

  constructor(model: OpenModel, how: GenerationOptions) {
    this.#model = model;
    this.#how = how;
    this.#random = randomSource(how.seed);
  }

  /** What the next step goes on from; a stream that has ended is fed eos, and what follows is not looked at. */
  get last(): number {
    // Without an eos no stream ends before the others.
    const [eosId = 0] = this.#model.gemma.config.eosIds;
    return this.ended === null ? (this.#tokens.at(-1)?.id ?? eosId) : eosId;
  }

  get text(): string {
    const ids = this.#tokens.map(({ id }) => id);
    return this.#model.tokenizer?.decode(ids) ?? this.#tokens.map(({ token }) => token).join(" ");
  }

  take(logits: Float32Array): void {
    if (this.ended !== null) return;
    const id = sample(logits, this.#how, this.#random());
    if (this.#model.gemma.config.eosIds.includes(id)) {
      this.ended = "eos";
      return;
    }
    const probability = Math.exp(defined(logProbabilities(logits)[id]));
    this.#tokens.push({ id, token: pieceOf(this.#model, id), probability });
  }

  continuation(full: "length" | "context"): Continuation {
    return { tokens: this.#tokens, text: this.text, ended: this.ended ?? full };
  }
}

function tell(
  streams: readonly Stream[],
  done: number,
  total: number,
  { onProgress }: JobOptions,
): void {
  const [clean, edited] = streams;
  onProgress?.({
    stage: "Continuing the text",
    done,
    total,
    unit: "tokens",
    generated: { clean: clean?.text ?? "", edited: edited?.text ?? null },
  });
}

function checkOptions(how: GenerationOptions, context: number): void {
  checkCount("maxTokens", how.maxTokens, context, DOING);
  checkCount("seed", how.seed, Number.MAX_SAFE_INTEGER, DOING);
  const { temperature, topP } = how;
  if (!(temperature >= 0 && temperature <= MOST_TEMPERATURE)) {
    throw refused("temperature", temperature, `a number from 0 to ${MOST_TEMPERATURE}`);
  }
  if (!(topP > 0 && topP <= 1)) throw refused("topP", topP, "a number above 0 and up to 1");
}

const refused = (name: string, value: unknown, wanted: string): FacetError =>
  new FacetError("Format", `${DOING}: ${name} is ${String(value)}; give ${wanted}.`);
