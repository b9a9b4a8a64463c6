// A second session beside the open one, on the same backend, to be compared with it. What both need is held once.

import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { OpenRequest } from "../lib/report.ts";
import type { Library } from "./library/library.ts";
import { closeSession, openSession, prepare } from "./openSession.ts";
import type { BesideSession, Session } from "./session.ts";

interface Held extends BesideSession {
  readonly first: Session;
  readonly request: string;
}

export class Beside {
  readonly #library: Library;
  #held: Held | null = null;

  constructor(library: Library) {
    this.#library = library;
  }

  /** What was asked for last stays open as long as `first` does. */
  async open(first: Session, request: OpenRequest, options: JobOptions): Promise<BesideSession> {
    // A token opens the same SAE as none; the backend is the first's.
    const asked = JSON.stringify({ ...request, token: null, backend: null });
    if (this.#held !== null && this.#held.first === first && this.#held.request === asked) {
      return this.#held;
    }
    this.close();
    const prepared = await prepare(this.#library, request, first, options);
    const before = first.backend.memory();
    const session = await openSession(first.backend, prepared, request, options);
    const bytes = Math.max(0, first.backend.memory() - before);
    this.#held = { session, bytes, first, request: asked };
    if (session.sae.sae.config.dIn !== first.sae.sae.config.dIn) {
      this.close();
      throw new FacetError(
        "Mismatch",
        `Comparing two SAEs: one reads ${first.sae.sae.config.dIn} numbers a token, the other ${session.sae.sae.config.dIn}. Choose two of the same model.`,
      );
    }
    return this.#held;
  }

  /** Frees what only the second session holds; to be called before the first is closed. */
  close(): void {
    if (this.#held !== null) closeSession(this.#held.session, this.#held.first);
    this.#held = null;
  }
}
