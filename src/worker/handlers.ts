// Each method of the protocol as a call of the engine.

import type { Engine } from "../engine/engine.ts";
import type { Handlers } from "./rpc.ts";

export function engineHandlers(engine: Engine): Handlers {
  return {
    catalog: (options) => engine.catalog(options),
    open: (options, request) => engine.open(request, options),
    analyze: (options, text, how) => engine.analyze(text, how, options),
    verify: (options, text, how) => engine.verify(text, how, options),
    verifyCorpus: (options, how) => engine.verifyCorpus(how, options),
    feature: (options, index) => engine.feature(index, options),
    residual: (options, text, layer) => engine.residual(text, layer, options),
  };
}
