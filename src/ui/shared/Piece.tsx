// A vocabulary piece or a label inside other text: shown as text only, isolated from its surroundings' direction.

import { memo } from "react";
import { inlineText } from "./pieces.ts";
import { visibleText } from "./visible.ts";

/** Spaces in front become faint dots and newlines ↵, so that "the" and " the" can be told apart. */
export const Piece = memo(function Piece({ piece }: { piece: string }) {
  const text = inlineText(piece);
  const spaces = /^ */.exec(text)?.[0].length ?? 0;
  return (
    <bdi className="piece">
      {spaces > 0 && <span className="piece-space">{"·".repeat(spaces)}</span>}
      {text.slice(spaces)}
    </bdi>
  );
});

export const Hostile = memo(function Hostile({ text }: { text: string }) {
  return <bdi>{visibleText(text).replaceAll("\n", " ↵ ")}</bdi>;
});
