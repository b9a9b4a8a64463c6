// Who may ask for which job, and what it reads beyond the features of a text: data that the page has without the jobs
// themselves. The compiler wants a line here for each job of the table.

import type { OpenRequest } from "../lib/report.ts";
import type { ArgsOf, JobName } from "./table.ts";

/**
 * What a job reads besides the blocks up to the hook and the SAE: `loss` the other blocks and the embedding, `lens` the
 * embedding. Large, it is a question to the reader first.
 */
export type Reads = "loss" | "lens";

interface Call<J extends JobName> {
  /** The page's views alone; scripts too, as window.facet; or pages that embed this one as well. */
  readonly for: "page" | "script" | "embed";
  readonly reads?: (...args: ArgsOf<J>) => Reads | null;
  /** Another SAE that it opens beside the open one: a request, or its name. */
  readonly beside?: (...args: ArgsOf<J>) => OpenRequest | string | null | undefined;
}

const loss = (): Reads => "loss";
const lens = (): Reads => "lens";

export const CALLS = {
  catalog: { for: "embed" },
  plan: { for: "page" },
  open: { for: "page" },
  analyze: { for: "embed" },
  compare: {
    for: "page",
    reads: (_request, _text, how) => (how.loss ? "loss" : null),
    beside: (request) => request,
  },
  verify: { for: "embed", reads: loss },
  verifyCorpus: { for: "embed", reads: loss },
  feature: { for: "embed", reads: lens },
  featureFacts: { for: "page" },
  vocabularyTokens: { for: "page" },
  tokenLogits: { for: "page", reads: lens },
  nearest: { for: "page" },
  residual: { for: "embed", reads: loss },
  generate: { for: "embed", reads: loss },
  attribute: { for: "embed", reads: loss },
  intervene: { for: "embed", reads: loss, beside: (_text, _edits, how) => how?.downstream },
  downstream: { for: "page", reads: loss, beside: (_text, _edits, { sae }) => sae },
  selfCheck: { for: "page", reads: loss },
  scan: { for: "script", reads: (request) => (request?.metrics ? "loss" : null) },
  scanSummary: { for: "script" },
  featureScan: { for: "script" },
  coActivation: { for: "page" },
  scans: { for: "script" },
  keptScans: { for: "page" },
  deleteScan: { for: "script" },
  exportScan: { for: "page" },
  importScan: { for: "page" },
  mergeScans: { for: "page" },
  addFolder: { for: "page" },
  stored: { for: "page" },
  deleteStored: { for: "page" },
  neuronpediaLabel: { for: "page" },
  forgetToken: { for: "page" },
  beginSignIn: { for: "page" },
  finishSignIn: { for: "page" },
} as const satisfies { readonly [J in JobName]: Call<J> };

/** What a call of a job reads and opens, by its arguments. */
export function needsOf<J extends JobName>(
  job: J,
  args: ArgsOf<J>,
): { readonly reads: Reads | null; readonly beside: OpenRequest | string | null } {
  const calls: { readonly [K in JobName]: Call<K> } = CALLS;
  const call = calls[job];
  return { reads: call.reads?.(...args) ?? null, beside: call.beside?.(...args) ?? null };
}
