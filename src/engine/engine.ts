// The engine: opens models and SAEs and runs jobs on them, one after another, in the order they were asked for.
// It heals one device loss; a second within a minute is an error.

import type { Edit } from "../lib/edits.ts";
import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import type { OpenCard, OpenPlan } from "../lib/openCard.ts";
import type { NearestRows, Promoters, VocabularyToken } from "../lib/explore.ts";
import type { JobOptions } from "../lib/progress.ts";
import type {
  Attribution,
  AttributionOptions,
  Downstream,
  Generation,
  GenerationOptions,
  Intervention,
  InterventionOptions,
} from "../lib/interventions.ts";
import type {
  Analysis,
  Catalog,
  Comparison,
  FeatureFacts,
  FeatureReport,
  Mask,
  OpenRequest,
  Published,
  SelfCheck,
  Text,
  Verification,
} from "../lib/report.ts";
import { analyze } from "./analyze.ts";
import { attribute } from "./attribution.ts";
import { Beside } from "./beside.ts";
import { openCard } from "./card.ts";
import { type Backends, chooseBackend, type Chosen } from "./chooseBackend.ts";
import { compare } from "./compare.ts";
import { downstream } from "./downstream.ts";
import { featureFacts, featureReport } from "./feature.ts";
import { generate } from "./generate.ts";
import { intervene } from "./intervene.ts";
import type { CorpusSource, Library } from "./library.ts";
import { untilLost, watchLoss } from "./loss.ts";
import { nearestRows } from "./nearest.ts";
import { closeSession, openSession, prepare } from "./openSession.ts";
import { planOpen } from "./plan.ts";
import { promoters, vocabularyTokens } from "./promoters.ts";
import { residualRows } from "./residualRows.ts";
import { Rest } from "./rest.ts";
import { selfCheck } from "./selfCheck.ts";
import { type ScanPlace, Scans } from "./scans.ts";
import type { Session } from "./session.ts";
import { verify, verifyCorpus } from "./verify.ts";

/** A second loss within this time is not healed: something is wrong with the device or with what we ask of it. */
const LOSS_WINDOW_MS = 60_000;

interface Opened {
  readonly session: Session;
  readonly request: OpenRequest;
  readonly chosen: Chosen;
}

export class Engine {
  readonly scans: Scans;
  readonly #library: Library;
  readonly #backends: Backends;
  readonly #onNotice: (text: string) => void;
  readonly #now: () => number;
  /** Opened to be compared with what is open. */
  readonly #beside: Beside;
  #opened: Opened | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #rest = new Rest();
  #lastLoss = -Infinity;
  #gaveUp = false;

  constructor(parts: {
    library: Library;
    backends: Backends;
    /** Something the reader should know that no call asked for. */
    onNotice: (text: string) => void;
    /** Milliseconds; a test's clock may stand in. */
    now?: () => number;
    /** Without one scans last as long as the engine. */
    scans?: ScanPlace;
  }) {
    this.#library = parts.library;
    this.#beside = new Beside(parts.library);
    this.#backends = parts.backends;
    this.#onNotice = parts.onNotice;
    this.#now = parts.now ?? (() => performance.now());
    this.scans = new Scans(
      {
        job: (doing, options, work) => this.#job(doing, options, work),
        session: () => this.#opened?.session ?? null,
        onNotice: parts.onNotice,
      },
      parts.scans ?? { store: null, openDataset: null },
    );
  }

  catalog(options: JobOptions = {}): Promise<Catalog> {
    return this.#library.catalog(options);
  }

  /** What `open` would read; it waits for nothing and changes nothing. */
  plan(request: OpenRequest, options: JobOptions = {}): Promise<OpenPlan> {
    return planOpen(this.#library, request, options);
  }

  /** Opens a model and an SAE; on failure what was open stays open. */
  open(request: OpenRequest, options: JobOptions = {}): Promise<OpenCard> {
    return this.#enqueue("opening a model", options, () => this.#open(request, options));
  }

  analyze(text: Text, { mask }: { mask: Mask }, options: JobOptions = {}): Promise<Analysis> {
    return this.#job("analysing a text", options, (session) =>
      analyze(session, text, mask, options),
    );
  }

  verify(text: Text, { mask }: { mask: Mask }, options: JobOptions = {}): Promise<Verification> {
    return this.#job("verifying a text", options, (session) =>
      verify(session, text, mask, options),
    );
  }

  verifyCorpus(
    { documents, mask }: { documents?: number; mask: Mask },
    options: JobOptions = {},
  ): Promise<Verification> {
    return this.#job("verifying the corpus", options, async (session) => {
      const { corpus, name } = session.model.source;
      if (!corpus) {
        throw new FacetError(
          "EntryNotFound",
          `Verifying over a corpus: none is open for ${name}. Verify a text instead.`,
        );
      }
      const texts = await corpus.read(options);
      const published = publishedFor(session, corpus, documents, mask);
      return verifyCorpus(session, texts, documents, mask, published, options);
    });
  }

  /** The open SAE and another on the same text. The other stays open beside it until something else is opened. */
  compare(
    request: OpenRequest,
    text: Text,
    how: { mask: Mask; loss: boolean },
    options: JobOptions = {},
  ): Promise<Comparison> {
    return this.#job("comparing two SAEs", options, async (session) => {
      const beside = await this.#beside.open(session, request, options);
      return compare(session, beside, text, how, options);
    });
  }

  /** What edits of features change, beside random controls; where `how` says so, also in another SAE's features. */
  intervene(
    text: Text,
    edits: readonly Edit[],
    how: InterventionOptions,
    options: JobOptions = {},
  ): Promise<Intervention> {
    return this.#job("intervening on a text", options, async (session, request) => {
      const sae = how.downstream ?? null;
      if (sae === null) return intervene(session, text, edits, how, options);
      const reader = await this.#beside.open(session, { ...request, sae }, options);
      const read = await downstream(session, reader.session, text, edits, options);
      return { ...(await intervene(session, text, edits, how, options)), downstream: read };
    });
  }

  /** The features that edits change in an SAE on the edited hook or behind it. It stays open as in `compare`. */
  downstream(
    text: Text,
    edits: readonly Edit[],
    { sae }: { sae: string },
    options: JobOptions = {},
  ): Promise<Downstream> {
    return this.#job("reading an edited text", options, async (session, request) => {
      const reader = await this.#beside.open(session, { ...request, sae }, options);
      return downstream(session, reader.session, text, edits, options);
    });
  }

  /** The text continued, without edits and with them. */
  generate(text: Text, how: GenerationOptions, options: JobOptions = {}): Promise<Generation> {
    return this.#job("continuing a text", options, (session) =>
      generate(session, text, how, options),
    );
  }

  /** Which features of a position matter for a next token. */
  attribute(text: Text, how: AttributionOptions, options: JobOptions = {}): Promise<Attribution> {
    return this.#job("attributing a next token", options, (session) =>
      attribute(session, text, how, options),
    );
  }

  feature(index: number, options: JobOptions = {}): Promise<FeatureReport> {
    return this.#job("opening a feature", options, (session) =>
      featureReport(session, index, options),
    );
  }

  /** The same without the logit lens: reads nothing that is not there. */
  featureFacts(index: number, options: JobOptions = {}): Promise<FeatureFacts> {
    return this.#job("opening a feature", options, (session) => featureFacts(session, index));
  }

  /** The tokens that a short text is made of, specials left out. */
  vocabularyTokens(text: string, options: JobOptions = {}): Promise<VocabularyToken[]> {
    return this.#job("looking up tokens", options, async (session) =>
      vocabularyTokens(session, text),
    );
  }

  /** How much each feature promotes a token. */
  promoters(id: number, options: JobOptions = {}): Promise<Promoters> {
    return this.#job("looking for features that promote a token", options, (session) =>
      promoters(session, id, options),
    );
  }

  /** The k nearest decoder rows of every feature. Other calls run meanwhile. */
  nearest(k: number, options: JobOptions = {}): Promise<NearestRows> {
    return nearestRows((doing, work) => this.#job(doing, options, work), k, options);
  }

  /** resid_post of a layer, one row a token. */
  residual(text: Text, layer: number, options: JobOptions = {}): Promise<Float32Array[]> {
    return this.#job("reading the residual stream", options, (session) =>
      residualRows(session, text, layer, options),
    );
  }

  /** Published facts of the open model and SAE, recomputed. */
  selfCheck(options: JobOptions = {}): Promise<SelfCheck> {
    return this.#job("checking against published facts", options, (session) => {
      const { facts, folder } = session.sae.source;
      if (!facts) {
        throw new FacetError(
          "EntryNotFound",
          `Checking ${folder}: no published facts are known for it. Verify a text instead.`,
        );
      }
      return selfCheck(session, facts, options);
    });
  }

  async #open(request: OpenRequest, options: JobOptions): Promise<OpenCard> {
    this.#beside.close();
    const held = this.#opened;
    const kept = held && canKeep(held, request) ? held : null;
    const { chosen, session } = await this.#openOn(
      kept?.chosen ?? chooseBackend(this.#backends, request.backend),
      request,
      kept?.session ?? null,
      options,
    );
    if (held) closeSession(held.session, session);
    const notices = chosen.notice === null ? [] : [chosen.notice];
    return openCard(session, request, await this.#backends.options(), notices);
  }

  /** Opens; what was open before is the caller's to close. Files are read while the backend starts. */
  async #openOn(
    choosing: Chosen | Promise<Chosen>,
    request: OpenRequest,
    held: Session | null,
    options: JobOptions,
  ): Promise<Opened> {
    const preparing = prepare(this.#library, request, held, options);
    preparing.catch(() => undefined); // awaited below, once the backend is there
    const chosen = await choosing;
    try {
      const session = await openSession(chosen.backend, await preparing, request, options);
      const opened = { session, request, chosen };
      watchLoss(chosen.backend);
      this.#opened = opened;
      return opened;
    } catch (error) {
      if (chosen.backend !== held?.backend) chosen.backend.dispose();
      throw error;
    }
  }

  #enqueue<T>(doing: string, options: JobOptions, work: () => Promise<T>): Promise<T> {
    this.#rest.begin();
    const result = this.#queue
      .then(() => {
        throwIfCancelled(options.signal, doing);
        return work();
      })
      .finally(() => this.#rest.end(this.#opened?.session.backend ?? null));
    // The queue goes on whatever becomes of this job; its caller gets the error.
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #job<T>(
    doing: string,
    options: JobOptions,
    work: (session: Session, request: OpenRequest) => Promise<T>,
  ): Promise<T> {
    return this.#enqueue(doing, options, async () => {
      for (;;) {
        const opened = this.#opened;
        if (!opened) throw this.#nothingOpen(doing);
        try {
          return await untilLost(opened.session.backend, doing, () =>
            work(opened.session, opened.request),
          );
        } catch (error) {
          if (!(error instanceof FacetError)) throw error;
          if (error.code === "DeviceLost") await this.#heal(opened, error, options);
          else if (error.code === "OutOfMemory" && this.#stream(opened)) continue;
          else throw error;
        }
      }
    });
  }

  /** Rebuilds the device and what was open on it, so that the job can run again; throws on a second loss. */
  async #heal(opened: Opened, loss: FacetError, options: JobOptions): Promise<void> {
    const again = this.#now() - this.#lastLoss < LOSS_WINDOW_MS;
    this.#lastLoss = this.#now();
    this.#opened = null;
    this.#beside.close();
    closeSession(opened.session, null);
    if (again) {
      this.#gaveUp = true;
      throw new FacetError(
        "DeviceLost",
        "The GPU was lost twice within a minute, so Facet stopped using it. Reload the page, close other pages that use the GPU, or choose another backend.",
        loss,
      );
    }
    const { backend } = opened.session;
    const chosen = {
      backend: await this.#backends.start(backend.name),
      notice: opened.chosen.notice,
    };
    await this.#openOn(chosen, opened.request, null, options);
    this.#onNotice("The GPU was lost. The model was loaded again and the work went on.");
  }

  /** Memory ran out: lets the weights stream instead of staying. False where they do already. */
  #stream({ session }: Opened): boolean {
    const { weights } = session.model.gemma;
    if (weights.residency === "streamed") return false;
    weights.stream();
    this.#onNotice(
      "The device's memory ran out: the model's blocks now stream through it one after another, which takes longer.",
    );
    return true;
  }

  #nothingOpen(doing: string): FacetError {
    return this.#gaveUp
      ? new FacetError(
          "DeviceLost",
          `While ${doing}: nothing is open since the GPU was lost. Open a model again, or choose another backend.`,
        )
      : new FacetError("NoBackend", `While ${doing}: no model is open. Open one first.`);
  }
}

/** Numbers published for just these documents and this mask. */
function publishedFor(
  { sae }: Session,
  corpus: CorpusSource,
  documents: number | undefined,
  mask: Mask,
): Published[] {
  const whole = documents === undefined || documents >= corpus.documents;
  const scope = whole ? "corpus" : documents === corpus.sampleDocuments ? "sample" : null;
  return sae.source.published.filter((entry) => entry.scope === scope && entry.mask === mask);
}

/** The running backend serves the request: it is the one asked for, or nothing else was asked for than before. */
function canKeep({ chosen, request }: Opened, next: OpenRequest): boolean {
  const lost = watchLoss(chosen.backend).reason !== null;
  return !lost && (next.backend === request.backend || next.backend === chosen.backend.name);
}
