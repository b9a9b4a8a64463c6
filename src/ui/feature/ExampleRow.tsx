// One example of the corpus: a line of coloured tokens around the one that fires, and all that was kept of it when it
// is opened. Its tokens are drawn as the strip draws the reader's own.

import { memo, useMemo, useState, type SyntheticEvent } from "react";
import type { Example } from "../../lib/scan.ts";
import { useApp } from "../shared/app.ts";
import { count, short } from "../shared/format.ts";
import { useHover, useHoverStore } from "../shared/hover.ts";
import { useNarrow } from "../shared/media.ts";
import { visibleText } from "../shared/visible.ts";
import { displayGlyphs, inkOf } from "../shared/pieces.ts";
import { shade, strongest } from "../tokens/tokenValues.ts";
import { inRange } from "./scanFigures.ts";

/** Glyphs in front of the one that fires, on a line that is not open; fewer on a phone, where it would end the line. */
const BEFORE = { wide: 7, narrow: 3 };

interface Props {
  readonly example: Example;
  /** Strength of the saturated end. */
  readonly top: number;
  readonly repeated: boolean;
}

export const ExampleRow = memo(function ExampleRow({ example, top, repeated }: Props) {
  const hover = useHoverStore();
  const [open, setOpen] = useState(false);
  const spaces = useApp((state) => state.view.spaces);
  const mergeBytes = useApp((state) => state.view.mergeBytes);
  const narrow = useNarrow();
  const range = useHover((state) => state.strengths);
  const { tokens, activations, peak, value, source, document, position } = example;
  const glyphs = useMemo(
    () =>
      displayGlyphs(
        tokens.map((token, i) => ({ position: i, token, special: false })),
        { newlines: "inline", spaces, mergeBytes },
      ),
    [tokens, spaces, mergeBytes],
  );
  const at = glyphs.findIndex(({ last }) => last >= peak);
  const before = narrow ? BEFORE.narrow : BEFORE.wide;
  const shown = open ? glyphs : glyphs.slice(Math.max(0, at - before));
  const point = (strength: number | null): void => hover.setState({ strength });
  const onMouseOver = (event: SyntheticEvent): void => {
    const token = event.target instanceof Element ? event.target.closest("[data-value]") : null;
    point(token instanceof HTMLElement ? Number(token.dataset["value"]) : null);
  };
  return (
    <li data-repeat={repeated || undefined}>
      <button
        type="button"
        className={open ? "example-open" : undefined}
        aria-expanded={open}
        title={`${visibleText(source)}, document ${count(document + 1)}, token ${count(position + 1)}${repeated ? "; shown above" : ""}`}
        onClick={() => setOpen(!open)}
        onMouseOver={onMouseOver}
        onMouseLeave={() => point(null)}
        onFocus={() => point(value)}
        onBlur={() => point(null)}
      >
        <bdi className="example">
          {shown.map((glyph, i) => (
            <ExampleToken
              key={glyph.first}
              text={i === 0 ? glyph.text.trimStart() : glyph.text}
              value={strongest(activations, glyph.first, glyph.last) ?? 0}
              top={top}
              fires={glyph.first <= peak && peak <= glyph.last}
              range={range}
            />
          ))}
        </bdi>
        <span className="feature-value">
          <span className="feature-bar" style={{ "--share": top > 0 ? value / top : 0 }} />
          {short(value)}
        </span>
      </button>
    </li>
  );
});

interface TokenProps {
  readonly text: string;
  readonly value: number;
  readonly top: number;
  /** The example is here because of this one. */
  readonly fires: boolean;
  readonly range: { readonly from: number; readonly to: number } | null;
}

function ExampleToken({ text, value, top, fires, range }: TokenProps) {
  const tint = shade(value, top);
  const [lead, ink, trail] = inkOf(text);
  if (tint === null) return <span>{text}</span>;
  return (
    <span
      className="token"
      data-value={value}
      data-tinted
      data-flip={tint.flip || undefined}
      data-peak={fires || undefined}
      data-marked={inRange(value, range) || undefined}
      style={{ "--strength": tint.strength }}
    >
      {lead}
      <span className="ink">{ink}</span>
      {trail}
    </span>
  );
}
