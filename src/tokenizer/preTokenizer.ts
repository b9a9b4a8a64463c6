// tokenizer.json's pre_tokenizer: where a text is cut before the model cuts on; no token crosses such a cut. As Hugging
// Face's tokenizers do it.

import { flag, plainPattern, type StepKind, stepsOf, text, unsupported } from "./settings.ts";

type Step = (value: string) => string[];

/** A stretch of text, and whether it is one that the pattern separates at. */
interface Stretch {
  readonly piece: string;
  readonly separates: boolean;
}

/** What becomes of separators; of those that follow one another only one is merged with its neighbour. */
const BEHAVIORS: Readonly<Record<string, (stretches: readonly Stretch[]) => string[]>> = {
  Removed: (stretches) => stretches.flatMap(({ piece, separates }) => (separates ? [] : [piece])),
  Isolated: (stretches) => joined(stretches, () => false),
  Contiguous: (stretches) => joined(stretches, (before, here) => before === here),
  MergedWithPrevious: (stretches) => joined(stretches, (before, here) => !before && here),
  MergedWithNext: (stretches) => joined(stretches, (before, here) => before && !here),
};

const KINDS: Readonly<Record<string, StepKind<Step>>> = {
  Split: {
    keys: ["pattern", "behavior", "invert"],
    make(from, name) {
      const pattern = plainPattern(from, name);
      const behavior = text(from, "behavior", name);
      const cut = Object.hasOwn(BEHAVIORS, behavior) ? BEHAVIORS[behavior] : undefined;
      if (!cut) throw unsupported(`${name} has the behavior ${behavior}`);
      const invert = flag(from, "invert", name);
      return (value) => cut(stretchesOf(value, pattern, invert));
    },
  },
};

/** null where a text is not cut. */
export function readPreTokenizer(part: unknown): ((value: string) => string[]) | null {
  const steps = stepsOf(part, "pre_tokenizer", "pretokenizers", KINDS);
  if (steps.length === 0) return null;
  return (value) => steps.reduce((pieces, step) => pieces.flatMap(step), [value]);
}

/** Without empty ones. @param invert separates at what lies between the places of `pattern`. */
function stretchesOf(value: string, pattern: string, invert: boolean): Stretch[] {
  const stretches: Stretch[] = [];
  value.split(pattern).forEach((between, i) => {
    if (i > 0) stretches.push({ piece: pattern, separates: !invert });
    if (between !== "") stretches.push({ piece: between, separates: invert });
  });
  return stretches;
}

/** @param joins whether a stretch goes with the one before it, told which of the two separate. */
function joined(
  stretches: readonly Stretch[],
  joins: (before: boolean, here: boolean) => boolean,
): string[] {
  const pieces: string[] = [];
  stretches.forEach(({ piece, separates }, i) => {
    const before = stretches[i - 1];
    if (before && joins(before.separates, separates)) pieces.push(`${pieces.pop() ?? ""}${piece}`);
    else pieces.push(piece);
  });
  return pieces;
}
