// Jobs of the browser that the page runs in: folders from disk, what is stored, hubs' accounts, Neuronpedia.

import type { LocalFile, NeuronpediaLabel, SignInRequest, StoredRepo } from "../lib/hosted.ts";
import { FacetError } from "../lib/errors.ts";
import type { Host } from "./host.ts";
import { atOnce, type House } from "./job.ts";

const FOLDER = "reading a folder";
export const addFolder = atOnce(FOLDER, async (house, [name, files]: [string, LocalFile[]]) =>
  hostOf(house, FOLDER).addFolder(name, files),
);

const STORED = "listing what is stored";
export const stored = atOnce(STORED, (house, _args: []): Promise<StoredRepo[] | null> =>
  hostOf(house, STORED).stored(),
);

const DELETE = "deleting what is stored";
export const deleteStored = atOnce(DELETE, (house, [id]: [id: string]) =>
  hostOf(house, DELETE).deleteStored(id),
);

const LABEL = "asking Neuronpedia";
/** By `model/source` and the feature's number. */
export const neuronpediaLabel = atOnce(
  LABEL,
  (house, [id, index]: [id: string, index: number], options): Promise<NeuronpediaLabel | null> =>
    hostOf(house, LABEL).neuronpediaLabel(id, index, options),
);

const SIGN_IN = "signing in";
export const forgetToken = atOnce(SIGN_IN, async (house, [endpoint]: [endpoint: string]) =>
  hostOf(house, SIGN_IN).forgetToken(endpoint),
);
export const beginSignIn = atOnce(SIGN_IN, (house, [request]: [SignInRequest]) =>
  hostOf(house, SIGN_IN).beginSignIn(request),
);
export const finishSignIn = atOnce(
  SIGN_IN,
  (house, [pending, address]: [pending: unknown, address: string]) =>
    hostOf(house, SIGN_IN).finishSignIn(pending, address),
);

function hostOf({ host }: House, doing: string): Host {
  if (host) return host;
  throw new FacetError("Unsupported", `While ${doing}: only a browser has what this needs.`);
}
