// What the page asks of all features at once: which promote a token, which decoder rows are alike, and where they lie on
// a map of what is alike.

import type { NearestRows, Promoters } from "../lib/explore.ts";
import type { CallOptions, WorkerClient } from "../worker/protocol.ts";
import type { Slot } from "./loadable.ts";
import type { Actions, Projection, State } from "./store.ts";

/** Neighbours that are read for the table and the map: what UMAP's authors start from. */
const NEIGHBOURS = 15;

/** Lays points out by their neighbours, in a worker of its own. */
export type Project = (rows: NearestRows, options: CallOptions) => Promise<Projection>;

interface Parts {
  readonly getState: () => State;
  readonly setState: (patch: Pick<State, "tokenChoices">) => void;
  readonly slots: () => {
    readonly promoters: Slot<Promoters>;
    readonly nearest: Slot<NearestRows>;
    readonly projection: Slot<Projection>;
  };
  readonly project: Project;
  readonly tell: (error: unknown) => void;
}

export interface ExploringPart {
  /** Another model or SAE is open. */
  readonly opened: () => void;
  readonly actions: Pick<
    Actions,
    "lookUpTokens" | "loadPromoters" | "loadNearest" | "stopNearest" | "loadProjection"
  >;
}

export function exploring(client: WorkerClient, parts: Parts): ExploringPart {
  const { getState, setState, slots, project, tell } = parts;
  let asked = 0;

  async function lookUp(text: string): Promise<void> {
    const call = ++asked;
    try {
      const tokens = text === "" ? [] : await client.call("vocabularyTokens", [text]);
      // What was typed since has another answer.
      if (call === asked) setState({ tokenChoices: tokens });
    } catch (error) {
      tell(error);
    }
  }

  const nearest = async (): Promise<NearestRows | null> => {
    const { data, stale } = getState().nearest;
    if (data !== null && !stale) return data;
    const outcome = await slots().nearest.run((options) =>
      client.call("nearest", [NEIGHBOURS], options),
    );
    return outcome.kind === "done" ? outcome.data : null;
  };

  async function loadProjection(): Promise<void> {
    const rows = await nearest();
    if (rows !== null) await slots().projection.run((options) => project(rows, options));
  }

  return {
    opened() {
      slots().promoters.expire();
      slots().nearest.expire();
      slots().projection.expire();
      setState({ tokenChoices: [] });
    },
    actions: {
      lookUpTokens: (text) => void lookUp(text),
      loadPromoters: (id) =>
        void slots().promoters.run((options) => client.call("promoters", [id], options)),
      loadNearest: () => void nearest(),
      stopNearest() {
        slots().nearest.stop();
        slots().projection.stop();
      },
      loadProjection: () => void loadProjection(),
    },
  };
}
