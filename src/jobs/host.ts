// What jobs need of the browser that they run in, besides the engine.

import type { LocalFile, NeuronpediaLabel, SignInRequest, StoredRepo } from "../lib/hosted.ts";
import type { JobOptions } from "../lib/progress.ts";

export interface Host {
  /** Makes a folder from disk known; the key to open it by, as a model or as an SAE. */
  addFolder(name: string, files: readonly LocalFile[]): string;
  /** What is kept of hubs' repos; null where the browser offers no storage. */
  stored(): Promise<StoredRepo[] | null>;
  deleteStored(id: string): Promise<void>;
  /** The first explanation that Neuronpedia has of a feature. */
  neuronpediaLabel(
    id: string,
    index: number,
    options: JobOptions,
  ): Promise<NeuronpediaLabel | null>;
  /** The token that requests to this hub were made with is forgotten. */
  forgetToken(endpoint: string): void;
  /** Signing in with a hub's account (OAuth with PKCE): where to send the reader, and what to keep until they return. */
  beginSignIn(request: SignInRequest): Promise<{ url: string; pending: unknown }>;
  /** The account's token, from what was kept and the address that the reader came back to. */
  finishSignIn(pending: unknown, address: string): Promise<string>;
}
