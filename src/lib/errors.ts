// One error class for everything Facet throws. It crosses the worker whole: code, message, cause.
// A message says what was being done, what was found, and what to do about it.

export const ERROR_CODES = [
  "GatedRepo",
  "BadToken",
  "Forbidden",
  "RepoNotFound",
  "RevisionNotFound",
  "EntryNotFound",
  "Network",
  "Format",
  "Unsupported",
  "Mismatch",
  "OutOfMemory",
  "QuotaExceeded",
  "NoBackend",
  "DeviceLost",
  "NoTokenizer",
  "NoSuchFeature",
  "NoSuchToken",
  "BadLink",
  "Blocked",
  "Cancelled",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export class FacetError extends Error {
  override readonly name = "FacetError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The error as plain data, for `postMessage`. */
export interface PlainError {
  code: ErrorCode | null;
  message: string;
  cause: string | null;
}

/** Any thrown value as plain data; what was not ours keeps its message and has no code. */
export function toPlainError(error: unknown): PlainError {
  if (error instanceof FacetError) {
    return {
      code: error.code,
      message: error.message,
      cause: error.cause === undefined ? null : describe(error.cause),
    };
  }
  return { code: null, message: describe(error), cause: null };
}

export function fromPlainError(plain: PlainError): Error {
  const cause = plain.cause ?? undefined;
  if (plain.code === null) return new Error(plain.message, { cause });
  return new FacetError(plain.code, plain.message, cause);
}

/** A short description of any thrown value. */
export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Throws `Cancelled` once the signal is aborted. `doing` is a phrase such as "reading config.json". */
export function throwIfCancelled(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted) throw new FacetError("Cancelled", `Stopped while ${doing}.`, signal.reason);
}
