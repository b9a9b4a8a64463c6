// The reader's own labels, kept in this browser by SAE; and whether Neuronpedia may be asked for others'.

import { describe, FacetError } from "../lib/errors.ts";
import type { Provenance } from "../lib/report.ts";
import { checkLabels, type OwnLabels } from "./labelFile.ts";
import type { SafeStorage } from "./storage.ts";

export interface LabelMemory {
  /** What is kept as of now, other tabs' labels too. Throws `Format` where something else stands in its place. */
  read(sae: Provenance["sae"]): OwnLabels;
  /** Where the browser has no room for it, until the page is closed; whoever listens to the storage is told. */
  write(sae: Provenance["sae"], labels: OwnLabels): void;
  asksNeuronpedia(): boolean;
  setAsksNeuronpedia(on: boolean): void;
}

const LABELS = "facet.labels ";
const NEURONPEDIA = "facet.neuronpedia";

/** A new commit of a repo has the same SAE, mostly; a folder from disk of the same name may be any. */
const keyOf = ({ source, folder, revision }: Provenance["sae"]): string =>
  LABELS + (source.startsWith("local/") ? revision : `${source} ${folder}`);

export function createLabelMemory(storage: SafeStorage): LabelMemory {
  const set = (key: string, value: string | null): void => {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  };
  return {
    read(sae) {
      const kept = storage.getItem(keyOf(sae));
      if (kept === null || kept === "") return {};
      const name = "what this browser keeps";
      return checkLabels(parse(kept, name), sae.dSae, name);
    },
    write(sae, labels) {
      const empty = Object.keys(labels).length === 0;
      set(keyOf(sae), empty ? null : JSON.stringify(labels));
    },
    asksNeuronpedia: () => storage.getItem(NEURONPEDIA) === "1",
    setAsksNeuronpedia: (on) => set(NEURONPEDIA, on ? "1" : null),
  };
}

function parse(kept: string, name: string): unknown {
  try {
    return JSON.parse(kept) as unknown;
  } catch (error) {
    throw new FacetError("Format", `Reading labels from ${name}: it is not JSON.`, describe(error));
  }
}
