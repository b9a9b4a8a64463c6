// The page's store on a worker that only records what it is asked; a test answers in its place.

import { FacetError } from "../../src/lib/errors.ts";
import { type Address, createStore } from "../../src/state/createStore.ts";
import type { Project } from "../../src/state/exploring.ts";
import { createMemory } from "../../src/state/memory.ts";
import { DEFAULT_VIEW } from "../../src/state/view.ts";
import type { CallOptions, MethodName, WorkerClient } from "../../src/worker/protocol.ts";

interface Call {
  method: MethodName;
  args: unknown[];
  options: CallOptions;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export const CARD = {
  modelKey: "demo",
  saeKey: DEFAULT_VIEW.sae,
  model: { embeddingBytes: 1_048_576 },
  provenance: {
    model: { revision: "m1", activation: "tanh" },
    sae: {
      source: "demo",
      folder: "an-sae",
      revision: "s1",
      hook: "blocks.3.hook_resid_post",
      dSae: 64,
    },
    backend: { name: "webgpu" },
  },
  notices: [],
};

export function setUp(fragment = "", project?: Project) {
  const calls: Call[] = [];
  const client: WorkerClient = {
    call: (method, args, options = {}) =>
      new Promise((resolve, reject) => {
        calls.push({ method, args, options, resolve, reject });
        options.signal?.addEventListener("abort", () =>
          reject(new FacetError("Cancelled", "Stopped.")),
        );
      }),
    onNotice: () => () => undefined,
  };
  const visited: string[] = [fragment];
  let changed = (): void => undefined;
  const address: Address = {
    fragment: () => visited.at(-1) ?? "",
    push: (next) => void visited.push(next),
    replace: (next) => void visited.splice(-1, 1, next),
    onChange: (listener) => (changed = listener),
    href: (next) => `https://facet.example/#${next}`,
  };
  const memory = createMemory(null);
  const store = createStore(client, address, memory, null, project);
  const of = (method: MethodName): Call[] => calls.filter((call) => call.method === method);
  const last = (method: MethodName): Call => {
    const call = of(method).at(-1);
    if (!call) throw new Error(`No call of ${method}`);
    return call;
  };
  const goTo = (next: string): void => {
    visited.push(next);
    changed();
  };
  return { store, memory, calls, of, last, visited, goTo };
}

/** Lets promises that are settled run their course. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

export async function opened(fragment = "", project?: Project) {
  const setup = setUp(fragment, project);
  setup.last("open").resolve(CARD);
  await settle();
  return setup;
}
