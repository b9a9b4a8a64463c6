// What the page says and offers for each error code. The error's own message tells what was found;
// this adds a heading and the one thing to do next.

import type { ErrorCode } from "../../lib/errors.ts";

/** retry: the same again · bundled: the demo model · automatic: let the page choose the backend · settle: nothing to do here. */
export type Remedy = "retry" | "bundled" | "automatic" | "settle";

export interface Advice {
  readonly title: string;
  readonly next: string;
  readonly remedy: Remedy;
}

const ADVICE: Readonly<Record<ErrorCode, Advice>> = {
  GatedRepo: {
    title: "This repository is gated",
    next: "Accept its licence on the repository's page and open it again with a token, or name a copy that needs none.",
    remedy: "bundled",
  },
  RepoNotFound: {
    title: "No such repository",
    next: "Check the spelling of owner/name, or open the bundled model.",
    remedy: "bundled",
  },
  RevisionNotFound: {
    title: "No such revision",
    next: "The commit or branch is not there any more. Open the bundled model, or leave out @revision.",
    remedy: "bundled",
  },
  EntryNotFound: {
    title: "A file is missing",
    next: "The folder lacks a file that is needed. Check the folder, or open the bundled model.",
    remedy: "bundled",
  },
  Network: {
    title: "The download failed",
    next: "Check the connection. What has arrived is kept.",
    remedy: "retry",
  },
  Format: {
    title: "A file is not what it claims to be",
    next: "It may be cut short or of another kind. Fetch it again, or open the bundled model.",
    remedy: "bundled",
  },
  Unsupported: {
    title: "Facet cannot run this one",
    next: "The file is sound but of a kind that is not supported. Open another.",
    remedy: "bundled",
  },
  Mismatch: {
    title: "Model and SAE do not fit",
    next: "Choose the SAE that was trained on this model.",
    remedy: "bundled",
  },
  OutOfMemory: {
    title: "Not enough memory",
    next: "Close other tabs, choose a smaller model or a smaller precision, and try again.",
    remedy: "retry",
  },
  QuotaExceeded: {
    title: "The browser's storage is full",
    next: "Free some storage for this site, then try again.",
    remedy: "retry",
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
  BadLink: {
    title: "The link cannot be honoured in full",
    next: "What could be read of it is open.",
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
