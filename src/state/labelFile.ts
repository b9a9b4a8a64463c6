// The reader's labels as a file, to take along and to bring back. A file that is brought is a stranger's: it is checked
// before any of it is kept, and refused with words.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject, parseJsonObject, show } from "../lib/json.ts";
import { cleanLabel } from "../lib/oneLine.ts";
import type { Provenance } from "../lib/report.ts";

/** By feature number. */
export type OwnLabels = Readonly<Record<number, string>>;

export interface LabelFile {
  readonly schema: "facet.labels/1";
  readonly sae: Provenance["sae"];
  readonly labels: OwnLabels;
}

/** Bytes; a label for each of 65,536 features at full length would be less. */
const MOST_BYTES = 32 * 1024 * 1024;

export const labelFile = (sae: Provenance["sae"], labels: OwnLabels): LabelFile => ({
  schema: "facet.labels/1",
  sae,
  labels,
});

export interface ReadLabels {
  readonly labels: OwnLabels;
  /** What the file says it was made for, where that is another source than the open one's; else null. */
  readonly madeFor: string | null;
}

/** @param sae the open one, which the labels must be for. */
export function readLabelFile(bytes: Uint8Array, name: string, sae: Provenance["sae"]): ReadLabels {
  if (bytes.byteLength > MOST_BYTES) {
    throw wrong(name, `it has ${bytes.byteLength} bytes, more than any file of labels`);
  }
  const file = parseJsonObject(bytes, show(name), { maxDepth: 4 });
  if (file["schema"] !== "facet.labels/1") {
    throw wrong(name, `its schema is ${show(file["schema"])}, not "facet.labels/1"`);
  }
  const of = file["sae"];
  if (!isJsonObject(of)) throw wrong(name, `its sae is ${show(of)}`);
  if (of["hook"] !== sae.hook || of["dSae"] !== sae.dSae) {
    throw new FacetError(
      "Mismatch",
      `Reading ${show(name)}: its labels are for ${show(of["dSae"])} features on ${show(of["hook"])}, and the open SAE has ${sae.dSae} on ${show(sae.hook)}. Open the SAE that they were made for.`,
    );
  }
  const same = of["source"] === sae.source && of["folder"] === sae.folder;
  return {
    labels: checkLabels(file["labels"], sae.dSae, name),
    madeFor: same ? null : `${show(of["source"])}, ${show(of["folder"])}`,
  };
}

/** Number → text, every number within the SAE's width. */
export function checkLabels(value: unknown, dSae: number, name: string): OwnLabels {
  if (!isJsonObject(value)) throw wrong(name, `its labels are ${show(value)}`);
  const labels: Record<number, string> = {};
  for (const [key, text] of Object.entries(value)) {
    const index = /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : NaN;
    if (!(index < dSae)) {
      throw wrong(
        name,
        `it labels the feature ${show(key)}, and there are ${dSae}, numbered from 0`,
      );
    }
    if (typeof text !== "string") throw wrong(name, `the label of ${key} is ${show(text)}`);
    const label = cleanLabel(text);
    if (label !== "") labels[index] = label;
  }
  return labels;
}

const wrong = (name: string, found: string): FacetError =>
  new FacetError(
    "Format",
    `Reading labels from ${show(name)}: ${found}. Take a file that Facet exported.`,
  );
