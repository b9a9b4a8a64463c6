// Every place that models and SAEs come from, as one library: what ships with Facet, folders from disk, hubs.

import type { Library } from "./library.ts";
import { isLocal, type LocalLibrary } from "./localLibrary.ts";
import { splitKey } from "./keys.ts";

export function allLibraries(bundled: Library, local: LocalLibrary, hub: Library): Library {
  return {
    async catalog(options) {
      const [here, there] = await Promise.all([bundled.catalog(options), hub.catalog(options)]);
      return { models: [...here.models, ...there.models], saes: [...here.saes, ...there.saes] };
    },

    async model(request, options) {
      if (isLocal(request.model)) return local.model(request, options);
      const { key } = splitKey(request.model);
      const { models } = await bundled.catalog(options);
      const ships = models.some((model) => model.key === key);
      return (ships ? bundled : hub).model(request, options);
    },

    async sae(request, options) {
      if (isLocal(request.sae)) return local.sae(request, options);
      const { key } = splitKey(request.sae);
      const { models, saes } = await bundled.catalog(options);
      // An SAE's key is unique within its model: the bundled model's keys are not those of a hub's.
      const ofBundled = models.some((model) => model.key === splitKey(request.model).key);
      const ships =
        ofBundled && (saes.some((sae) => sae.key === key) || !request.sae.includes("/"));
      return (ships ? bundled : hub).sae(request, options);
    },
  };
}
