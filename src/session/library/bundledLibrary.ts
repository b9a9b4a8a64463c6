// The library of what ships with Facet: a small trained model, its SAEs, its corpus, and the numbers published for them.

import type { Bundle } from "../../hub/bundle.ts";
import { type ByteSource, readFile } from "../../lib/byteSource.ts";
import { FacetError } from "../../lib/errors.ts";
import { isJsonObject, parseJsonObject } from "../../lib/json.ts";
import type { Labels } from "../../lib/openCard.ts";
import { once } from "../../lib/once.ts";
import type { JobOptions } from "../../lib/progress.ts";
import type { CatalogSae, Mask, Published } from "../../lib/report.ts";
import { splitKey } from "./keys.ts";
import type { Library } from "./library.ts";
import { SHIPPED } from "../scans/scanCatalog.ts";
import type { HeldScan } from "../../scan/held.ts";

const KEY = "demo";
const CORPUS = "corpus.jsonl";
const MAX_JSON_BYTES = 4 * 1024 * 1024;
const MAX_CORPUS_BYTES = 64 * 1024 * 1024;

interface CardSae {
  id: string;
  hook: string;
  dSae: number;
  corpus: Record<Mask, Record<string, number>>;
  sample: Record<Mask, Record<string, number>>;
  /** Features that never fired in it. */
  silentInCorpus: number;
}

interface Card {
  model: string;
  presets: string[];
  sampleDocuments: number;
  saes: CardSae[];
}

export function bundledLibrary(openBundle: (options: JobOptions) => Promise<Bundle>): Library {
  const opened = once("opening what ships with Facet", async (signal) => {
    const bundle = await openBundle({ signal });
    return { bundle, card: await readJson<Card>(bundle, "card.json", { signal }) };
  });
  const open = ({ signal }: JobOptions): Promise<{ bundle: Bundle; card: Card }> => opened(signal);

  return {
    async catalog(options) {
      const { bundle, card } = await open(options);
      const bytes = bundle.files("model").reduce((sum, file) => sum + file.bytes, 0);
      return {
        models: [{ key: KEY, name: card.model, source: KEY, bytes, gated: false }],
        saes: card.saes.map(catalogSae),
      };
    },

    async model(request, options) {
      const { bundle, card } = await open(options);
      if (splitKey(request.model).key !== KEY) throw unknown("model", request.model);
      return {
        source: KEY,
        name: card.model,
        tree: bundle.folder("model"),
        presets: card.presets,
        corpus: {
          name: "the bundled corpus",
          documents: bundle.documents,
          sampleDocuments: card.sampleDocuments,
          read: (reading) => corpusTexts(bundle, reading),
          open: () => corpusSource(bundle),
        },
      };
    },

    async sae(request, options) {
      const { bundle, card } = await open(options);
      const found = card.saes.find(({ id }) => id === splitKey(request.sae).key);
      if (!found) throw unknown("SAE", request.sae);
      const folder = `sae/${found.id}`;
      return {
        source: KEY,
        folder: found.id,
        tree: bundle.folder(folder),
        files: bundle.files(folder),
        published: catalogSae(found).published,
        normScalingFactor: null,
        labels: await readLabels(bundle, found.id, options),
        facts: null,
        scan: () => shippedScan(bundle, found.id),
      };
    },
  };
}

function catalogSae(sae: CardSae): CatalogSae {
  return {
    key: sae.id,
    model: KEY,
    hook: sae.hook,
    source: KEY,
    folder: sae.id,
    dSae: sae.dSae,
    published: [
      ...published(sae, "corpus"),
      ...published(sae, "sample"),
      {
        metric: "silentInCorpus",
        value: sae.silentInCorpus,
        source: "card.json, never seen to fire in the whole bundled corpus",
      },
    ],
  };
}

function published(sae: CardSae, scope: "corpus" | "sample"): Published[] {
  const measured = scope === "corpus" ? "the whole bundled corpus" : "its first four documents";
  return (["all", "nonspecial"] as const).flatMap((mask) =>
    Object.entries(sae[scope][mask])
      .filter(([metric]) => metric !== "contexts" && metric !== "tokens")
      .map(([metric, value]) => ({
        metric,
        value,
        source: `card.json, ${measured}, mask ${mask}`,
        mask,
        scope,
      })),
  );
}

async function readJson<T>(bundle: Bundle, path: string, options: JobOptions): Promise<T> {
  const bytes = await readFile(bundle.folder(""), path, MAX_JSON_BYTES, options);
  return parseJsonObject(bytes, path) as T;
}

async function corpusSource(bundle: Bundle): Promise<ByteSource> {
  const source = await bundle.folder("").open(CORPUS);
  if (source) return source;
  throw new FacetError("EntryNotFound", `Opening the bundled corpus: ${CORPUS} is missing.`);
}

async function corpusTexts(bundle: Bundle, options: JobOptions): Promise<string[]> {
  const bytes = await readFile(bundle.folder(""), CORPUS, MAX_CORPUS_BYTES, options);
  return new TextDecoder()
    .decode(bytes)
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => {
      const document: unknown = JSON.parse(line);
      if (isJsonObject(document) && typeof document["text"] === "string") return document["text"];
      throw new FacetError("Format", `Reading corpus.jsonl: line ${i + 1} has no text.`);
    });
}

/** `npm run scan` made it. Loaded when a page first asks what a scan says. */
async function shippedScan(bundle: Bundle, sae: string): Promise<HeldScan | null> {
  const source = await bundle.folder("").open(`scans/${sae}.parquet`);
  if (!source) return null;
  const { readPart } = await import("../../scan/part/readPart.ts");
  const { corpus, provenance, state } = await readPart(source);
  const cursor = { source: 0, document: 0, token: 0 };
  const note = { id: SHIPPED, corpus, provenance, request: null, cursor, share: 1, saved: 0 };
  return { note, state };
}

async function readLabels(
  bundle: Bundle,
  sae: string,
  options: JobOptions,
): Promise<Labels | null> {
  const path = `labels.${sae}.json`;
  if ((await bundle.folder("").open(path)) === null) return null;
  const { method, labels } = await readJson<{ method: string; labels: Labels["entries"] }>(
    bundle,
    path,
    options,
  );
  return { source: "bundled with Facet", method, entries: labels };
}

function unknown(what: string, name: string): FacetError {
  return new FacetError(
    "RepoNotFound",
    `Opening the ${what} ${JSON.stringify(name)}: there is none of that name among those that ship with Facet. Choose one from the list.`,
  );
}
