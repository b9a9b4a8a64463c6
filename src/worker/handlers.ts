// Each method of the protocol as a call of the engine.

import type { BrowserEngine } from "./browserEngine.ts";
import type { Handlers } from "./rpc.ts";

export function engineHandlers({ engine, ...keep }: BrowserEngine): Handlers {
  return {
    catalog: (options) => engine.catalog(options),
    plan: (options, request) => engine.plan(request, options),
    open: (options, request) => engine.open(request, options),
    analyze: (options, text, how) => engine.analyze(text, how, options),
    compare: (options, request, text, how) => engine.compare(request, text, how, options),
    verify: (options, text, how) => engine.verify(text, how, options),
    verifyCorpus: (options, how) => engine.verifyCorpus(how, options),
    feature: (options, index) => engine.feature(index, options),
    featureFacts: (options, index) => engine.featureFacts(index, options),
    vocabularyTokens: (options, text) => engine.vocabularyTokens(text, options),
    promoters: (options, id) => engine.promoters(id, options),
    nearest: (options, k) => engine.nearest(k, options),
    residual: (options, text, layer) => engine.residual(text, layer, options),
    generate: (options, text, how) => engine.generate(text, how, options),
    attribute: (options, text, how) => engine.attribute(text, how, options),
    intervene: (options, text, edits, how) => engine.intervene(text, edits, how, options),
    downstream: (options, text, edits, how) => engine.downstream(text, edits, how, options),
    selfCheck: (options) => engine.selfCheck(options),
    scan: (options, request) => engine.scans.run(request, options),
    scanSummary: (_, id) => engine.scans.summary(id),
    featureScan: (_, index, id) => engine.scans.feature(index, id),
    coFiring: (_, index, others, id) => engine.scans.coFiring(index, others, id),
    scans: () => engine.scans.list(),
    deleteScan: async (_, id) => {
      await engine.scans.remove(id);
      return null;
    },
    exportScan: (_, id) => engine.scans.export(id),
    importScan: (_, file) => keep.importScan(file),
    mergeScans: (_, first, second) => engine.scans.merge(first, second),
    addFolder: async (_, name, files) => keep.addFolder(name, files),
    stored: () => keep.stored(),
    neuronpediaLabel: (options, id, index) => keep.neuronpediaLabel(id, index, options),
    forgetToken: async (_, endpoint) => {
      keep.forgetToken(endpoint);
      return null;
    },
    beginSignIn: (_, request) => keep.beginSignIn(request),
    finishSignIn: (_, pending, address) => keep.finishSignIn(pending, address),
    deleteStored: async (_, id) => {
      await keep.deleteStored(id);
      return null;
    },
  };
}
