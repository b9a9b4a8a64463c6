// What a scan is of: the identity of the open model and SAE, how much is kept, and the names that follow from it.

import { hashText } from "../../scan/hash.ts";
import {
  SCAN_VERSION,
  type ScanPlan,
  type ScanSettings,
  type ScanSubject,
  settingsFor,
} from "../../scan/settings.ts";
import { contextLength } from "../contexts.ts";
import { beginsWithBos, provenance, type Session } from "../session.ts";
import { VerifySums } from "../passes/verifySums.ts";

function subjectOf(session: Session): ScanSubject {
  const { model, sae } = provenance(session);
  const { source, revision, folder, hook, dSae } = sae;
  return {
    model,
    sae: { source, revision, folder, hook, dSae },
    contextSize: contextLength(session),
    ...(beginsWithBos(session) ? {} : { bos: 0 }),
  };
}

/** @param settings how much to keep, where it is not what the SAE's size suggests. */
export function planOf(
  session: Session,
  withMetrics: boolean,
  settings: Partial<ScanSettings> = {},
): ScanPlan {
  const { dIn, dSae } = session.sae.sae.config;
  return {
    version: SCAN_VERSION,
    subject: subjectOf(session),
    settings: { ...settingsFor(dSae), ...settings, sums: withMetrics ? VerifySums.size(dIn) : 0 },
  };
}

/** The same request of the same model and SAE has the same name, whenever it is made: a stopped scan is found by it. */
export function scanId(plan: ScanPlan, corpusKey: string, documents: number | null): string {
  const what = JSON.stringify([plan, corpusKey, documents]);
  const hashes = ["", "1", "2", "3"].map((salt) => hashText(salt + what));
  return hashes.map((hash) => hash.toString(16).padStart(8, "0")).join("");
}

/** How well a scan fits what is open: 0 not at all; 1 the same files run otherwise (precision, GELU); 2 just so. */
export function fitOf({ subject }: ScanPlan, session: Session): 0 | 1 | 2 {
  const open = subjectOf(session);
  const { model, sae } = subject;
  const sameFiles =
    model.source === open.model.source &&
    model.revision === open.model.revision &&
    sae.source === open.sae.source &&
    sae.revision === open.sae.revision &&
    sae.folder === open.sae.folder;
  if (!sameFiles) return 0;
  const sameWay =
    model.precision === open.model.precision &&
    model.activation === open.model.activation &&
    subject.contextSize === open.contextSize &&
    subject.bos === open.bos;
  return sameWay ? 2 : 1;
}
