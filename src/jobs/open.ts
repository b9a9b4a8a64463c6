// Jobs: what can be opened, what opening would read, and opening.

import type { OpenCard, OpenPlan } from "../lib/openCard.ts";
import type { Catalog, OpenRequest } from "../lib/report.ts";
import { checkRequest } from "./checks.ts";
import { atOnce } from "./job.ts";

export const catalog = atOnce(
  "listing what can be opened",
  ({ engine }, _: [], options): Promise<Catalog> => engine.catalog(options),
);

/** What `open` would read, from configurations and headers alone; it waits for nothing and changes nothing. */
export const plan = atOnce(
  "reading what opening takes",
  async ({ engine }, [request]: [OpenRequest], options): Promise<OpenPlan> =>
    engine.plan(checkRequest(request), options),
);

/** Opens a model and an SAE; on failure what was open stays open. */
export const open = atOnce(
  "opening a model",
  async ({ engine }, [request]: [OpenRequest], options): Promise<OpenCard> =>
    engine.open(checkRequest(request), options),
);
