// Builds @huggingface/transformers down to its tokenizer: the class PreTrainedTokenizer and what it calls.
// Everything else the package would bring (ONNX runtime, hub and cache, tensors, chat templates) is left out, so
// that nothing of it is downloaded by readers, and nothing of it can reach the network. Vitest uses it too.

import { createRequire } from "node:module";
import path from "node:path";
import type { Plugin } from "vite";

const LIBRARY = "@huggingface/transformers";
/** dist/transformers.node.cjs: what the package shows of itself. */
const root = path.dirname(path.dirname(createRequire(import.meta.url).resolve(LIBRARY)));
const tokenizer = path.join(root, "src", "tokenization_utils.js");

/** What the tokenizer's source imports for jobs Facet never gives it. To be called is a mistake. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "@huggingface/jinja": "export class Template { constructor() { leftOut('chat templates'); } }",
  "./utils/hub.js": "export const getModelJSON = () => leftOut('the hub');",
  "./utils/model_registry/get_tokenizer_files.js":
    "export const get_tokenizer_files = () => leftOut('the hub');",
  "./utils/tensor.js": "export class Tensor { constructor() { leftOut('tensors'); } }",
  "./utils/logger.js": "export const logger = console;",
};
const PREFIX = "\0left-out:";

export function tokenizerOnly(): Plugin {
  return {
    name: "facet:tokenizer-only",
    enforce: "pre",
    // Neither the dev server's pre-bundling nor Vitest's externals may load the package around this plugin.
    config: () => ({
      optimizeDeps: { exclude: [LIBRARY] },
      test: { server: { deps: { inline: [/@huggingface\/transformers/] } } },
    }),
    resolveId(source, importer) {
      if (source === LIBRARY) return tokenizer;
      const left = importer !== undefined && path.normalize(importer) === tokenizer;
      return left && Object.hasOwn(LEFT_OUT, source) ? PREFIX + source : null;
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const name = id.slice(PREFIX.length);
      return [
        `const leftOut = (what) => { throw new Error("Facet is built without " + what + " of ${LIBRARY}."); };`,
        LEFT_OUT[name],
      ].join("\n");
    },
  };
}
