// tokenizer.json's decoder: from pieces to the text that they spell. As Hugging Face's tokenizers do it.

import { show } from "../lib/json.ts";
import { malformed, plainPattern, type StepKind, stepsOf, text } from "./settings.ts";

type Step = (pieces: readonly string[]) => string[];

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/;

const KINDS: Readonly<Record<string, StepKind<Step>>> = {
  Replace: {
    keys: ["pattern", "content"],
    make(from, name) {
      const pattern = plainPattern(from, name);
      const content = text(from, "content", name);
      return (pieces) => pieces.map((piece) => piece.split(pattern).join(content));
    },
  },
  ByteFallback: { keys: [], make: () => joinBytes },
  Fuse: { keys: [], make: () => (pieces) => [pieces.join("")] },
  Strip: {
    keys: ["content", "start", "stop"],
    make(from, name) {
      const content = text(from, "content", name);
      if (Array.from(content).length !== 1) throw malformed(`${name} strips ${show(content)}`);
      const many = (key: "start" | "stop"): number => {
        const value = from[key];
        if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
        throw malformed(`${name} has ${key} ${show(value)}`);
      };
      const [start, stop] = [many("start"), many("stop")];
      return (pieces) => pieces.map((piece) => strip(piece, content, start, stop));
    },
  },
};

export function readDecoder(part: unknown): (pieces: readonly string[]) => string {
  // No decoder is not a decoder of no steps.
  if (part === null || part === undefined) return (pieces) => pieces.join(" ");
  const steps = stepsOf(part, "decoder", "decoders", KINDS);
  return (pieces) => steps.reduce((so, step) => step(so), pieces).join("");
}

/** Pieces "<0xE2>" that follow one another are bytes of UTF-8; where they are none, each is U+FFFD. */
function joinBytes(pieces: readonly string[]): string[] {
  const out: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) out.push(decodeBytes(Uint8Array.from(bytes)));
    bytes = [];
  };
  for (const piece of pieces) {
    const hex = BYTE.exec(piece)?.[1];
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else {
      flush();
      out.push(piece);
    }
  }
  flush();
  return out;
}

function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return "\ufffd".repeat(bytes.length);
  }
}

/** At most so many of `content` from the start, and from the end. */
function strip(piece: string, content: string, start: number, stop: number): string {
  const characters = Array.from(piece);
  let from = 0;
  while (from < start && characters[from] === content) from++;
  let to = characters.length;
  while (characters.length - to < stop && to > from && characters[to - 1] === content) to--;
  return characters.slice(from, to).join("");
}
