// tokenizer.json's normalizer: what is done to a text before it is cut. As Hugging Face's tokenizers do it, but for a limit
// on how long a text may grow.

import { FacetError } from "../lib/errors.ts";
import { plainPattern, type StepKind, stepsOf, text } from "./settings.ts";

type Step = (from: string, limit: number) => string;

/** A text may become so many times as long; SentencePiece's signs double a text at most. */
const MOST_GROWTH = 16;
/** Characters that any text may become: short ones may grow more. */
const FREE_GROWTH = 1024;

const KINDS: Readonly<Record<string, StepKind<Step>>> = {
  Replace: {
    keys: ["pattern", "content"],
    make(from, name) {
      const pattern = plainPattern(from, name);
      const content = text(from, "content", name);
      return (value, limit) => {
        const parts = value.split(pattern);
        // Before it is made: one step of a hostile file can ask for terabytes.
        checkGrowth(value.length + (parts.length - 1) * (content.length - pattern.length), limit);
        return parts.join(content);
      };
    },
  },
  Prepend: {
    keys: ["prepend"],
    make(from, name) {
      const prefix = text(from, "prepend", name);
      return (value, limit) => {
        if (value === "") return "";
        checkGrowth(value.length + prefix.length, limit);
        return prefix + value;
      };
    },
  },
};

/** null where a text stays as it is. */
export function readNormalizer(part: unknown): ((value: string) => string) | null {
  const steps = stepsOf(part, "normalizer", "normalizers", KINDS);
  if (steps.length === 0) return null;
  return (value) => {
    const limit = MOST_GROWTH * value.length + FREE_GROWTH;
    return steps.reduce((so, step) => step(so, limit), value);
  };
}

function checkGrowth(length: number, limit: number): void {
  if (length <= limit) return;
  throw new FacetError(
    "Unsupported",
    `Tokenizing a text: the normalizer of tokenizer.json makes it more than ${MOST_GROWTH} times as long, which no tokenizer in use does. Give token ids instead, or open a model with another tokenizer.`,
  );
}
