// What the page says and offers for each error code. The error's own message tells what was found;
// this adds a heading and the one thing to do next.

import type { ErrorCode } from "../../lib/errors.ts";

/**
 * retry: the same again · change: choose what to open · storage: see what is kept · automatic: let the page choose the
 * backend · settle: nothing to do here.
 */
export type Remedy = "retry" | "change" | "storage" | "automatic" | "settle";

export interface Advice {
  readonly title: string;
  readonly next: string;
  readonly remedy: Remedy;
}

const ADVICE: Readonly<Record<ErrorCode, Advice>> = {
  GatedRepo: {
    title: "This repository is gated",
    next: "Once the licence is accepted, an access token of the same account opens it. So does a copy that needs none, or a folder on this computer.",
    remedy: "change",
  },
  BadToken: {
    title: "The hub does not accept the sign-in",
    next: "Forget the token to open what is public without one, or enter one that is good.",
    remedy: "retry",
  },
  Forbidden: {
    title: "The hub does not give this repository",
    next: "Open another, or a copy of it.",
    remedy: "change",
  },
  RepoNotFound: {
    title: "No such model or SAE",
    next: "Check the spelling, and the hub's address for an owner/name there. A private repository needs an access token; a folder on this computer has to be chosen again.",
    remedy: "change",
  },
  RevisionNotFound: {
    title: "No such revision",
    next: "The branch, tag or commit is not there. Leave out @revision for the newest one, or name another.",
    remedy: "change",
  },
  EntryNotFound: {
    title: "A file is missing",
    next: "A model needs config.json, *.safetensors and tokenizer.json, an SAE cfg.json and sae_weights.safetensors. Check the folder's name.",
    remedy: "change",
  },
  Network: {
    title: "The download failed",
    next: "Check the connection and the hub's address. What has arrived is kept, and the next try goes on from there.",
    remedy: "retry",
  },
  Format: {
    title: "A file is not what it claims to be",
    next: "It may be cut short or of another kind. Open another, or try again where the file was mended.",
    remedy: "change",
  },
  Unsupported: {
    title: "Facet cannot run this one",
    next: "The file is sound but of a kind that is not supported. Open another.",
    remedy: "change",
  },
  Mismatch: {
    title: "Model and SAE do not fit",
    next: "Choose an SAE that was trained on this model, or the model that this SAE was trained on.",
    remedy: "change",
  },
  OutOfMemory: {
    title: "Not enough memory",
    next: "Keep the weights in a smaller precision, open a smaller model, or close other tabs and try again.",
    remedy: "change",
  },
  QuotaExceeded: {
    title: "The browser's storage is full",
    next: "Delete what is not needed any more, then try again.",
    remedy: "storage",
  },
  NoBackend: {
    title: "That backend is not available here",
    next: "Let the page choose one that is.",
    remedy: "automatic",
  },
  DeviceLost: {
    title: "The GPU was lost",
    next: "Try again, or let the page choose another backend.",
    remedy: "retry",
  },
  NoTokenizer: {
    title: "This model has no tokenizer",
    next: "Text cannot be read without tokenizer.json; token ids work through window.facet.",
    remedy: "settle",
  },
  NoSuchFeature: {
    title: "No such feature",
    next: "Choose a number within the SAE's width.",
    remedy: "settle",
  },
  NoSuchToken: {
    title: "No such token",
    next: "Leave it out, or choose a token of the model's vocabulary.",
    remedy: "settle",
  },
  BadLink: {
    title: "That name or address cannot be read",
    next: "Correct it, or open another.",
    remedy: "change",
  },
  Blocked: {
    title: "The browser does not let Facet run here",
    next: "Nothing can be computed on this page as it is.",
    remedy: "settle",
  },
  Cancelled: { title: "Stopped", next: "Nothing was lost. Go on when you like.", remedy: "retry" },
};

const UNKNOWN: Advice = {
  title: "Something went wrong inside Facet",
  next: "Try again; if it comes back, report it with the message above.",
  remedy: "retry",
};

export function errorAdvice(code: ErrorCode | null): Advice {
  return code === null ? UNKNOWN : ADVICE[code];
}
