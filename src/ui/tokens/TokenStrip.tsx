// The text as prose, every token coloured by its value. One tab stop; arrows, Home and End move inside it;
// pointing previews, click and Enter pin. Events are handled once for the whole strip, lines are memoised.

import { memo, useMemo, useRef, useState, type KeyboardEvent, type SyntheticEvent } from "react";
import { direction } from "../../lib/direction.ts";
import type { TokenReport } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { useHover, useHoverStore } from "../shared/hover.ts";
import { displayGlyphs, glyphLines, inkOf, type Glyph } from "../shared/pieces.ts";
import { glyphBeside } from "./stripKeys.ts";
import { shade, spokenToken, strongest, type TokenValues } from "./tokenValues.ts";

interface Props {
  readonly tokens: readonly TokenReport[];
  readonly values: TokenValues;
  readonly stale: boolean;
  readonly label: string;
  readonly testId?: string;
}

export function TokenStrip({ tokens, values, stale, label, testId = "token-strip" }: Props) {
  const actions = useActions();
  const hover = useHoverStore();
  const newlines = useApp((state) => state.view.newlines);
  const spaces = useApp((state) => state.view.spaces);
  const mergeBytes = useApp((state) => state.view.mergeBytes);
  const pinned = useApp((state) => state.view.token);
  const pointed = useHover((state) => state.token);
  const marked = useHover((state) => state.marked);
  const root = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number | null>(null);

  const glyphs = useMemo(
    () => displayGlyphs(tokens, { newlines, spaces, mergeBytes }),
    [tokens, newlines, spaces, mergeBytes],
  );
  const lines = useMemo(() => glyphLines(glyphs), [glyphs]);
  const holds = (glyph: Glyph, position: number | null): boolean =>
    position !== null && glyph.first <= position && position <= glyph.last;
  const stop = glyphs.find((glyph) => holds(glyph, active ?? pinned ?? 0)) ?? glyphs[0];

  const positionOf = (event: SyntheticEvent): number | null => {
    const token =
      event.target instanceof Element ? event.target.closest<HTMLElement>("[data-position]") : null;
    return token === null ? null : Number(token.dataset["position"]);
  };
  const preview = (token: number | null): void => hover.setState({ token });
  const pin = (position: number | null): void => {
    if (position !== null)
      actions.setView({ token: position === pinned ? null : position }, "replace");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const at = glyphs.findIndex((glyph) => holds(glyph, positionOf(event)));
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      pin(glyphs[at]?.last ?? null);
      return;
    }
    const next = root.current === null ? null : glyphBeside(event.key, at, root.current);
    const glyph = next === null ? undefined : glyphs[next];
    if (glyph === undefined) return;
    event.preventDefault();
    setActive(glyph.last);
    root.current?.querySelector<HTMLElement>(`[data-position="${glyph.last}"]`)?.focus();
  };

  return (
    <div
      ref={root}
      className="strip prose"
      role="listbox"
      tabIndex={-1}
      aria-label={label}
      aria-orientation="horizontal"
      data-testid={testId}
      data-stale={stale || undefined}
      onKeyDown={onKeyDown}
      onClick={(event) => pin(positionOf(event))}
      onMouseOver={(event) => preview(positionOf(event))}
      onMouseLeave={() => preview(null)}
      onFocus={(event) => {
        setActive(positionOf(event));
        preview(positionOf(event));
      }}
      onBlur={() => preview(null)}
    >
      {lines.map((line) => {
        const within = (position: number | null): number | null =>
          position !== null && line.first <= position && position <= line.last ? position : null;
        return (
          <Line
            key={line.first}
            glyphs={line.glyphs}
            tokens={tokens}
            values={values}
            stop={within(stop?.last ?? null)}
            pinned={within(pinned)}
            pointed={within(pointed)}
            marked={marked}
          />
        );
      })}
    </div>
  );
}

interface LineProps {
  readonly glyphs: readonly Glyph[];
  readonly tokens: readonly TokenReport[];
  readonly values: TokenValues;
  readonly stop: number | null;
  readonly pinned: number | null;
  readonly pointed: number | null;
  readonly marked: ReadonlySet<number> | null;
}

const Line = memo(function Line({
  glyphs,
  tokens,
  values,
  stop,
  pinned,
  pointed,
  marked,
}: LineProps) {
  // Special tokens are names in Latin letters, whatever the text is written in.
  const runs = direction(glyphs.map(({ special, text }) => (special ? "" : text)).join(""));
  return (
    <div className="strip-line" role="presentation" dir={runs}>
      {glyphs.map((glyph) => (
        <Token
          key={glyph.first}
          first={glyph.first}
          last={glyph.last}
          text={glyph.text}
          special={glyph.special}
          piece={
            glyph.first === glyph.last ? (tokens[glyph.first]?.token ?? glyph.text) : glyph.text
          }
          value={strongest(values.values, glyph.first, glyph.last)}
          top={values.top}
          signed={values.signed}
          measure={values.name}
          stop={stop === glyph.last}
          pinned={pinned !== null && glyph.first <= pinned && pinned <= glyph.last}
          pointed={pointed !== null && glyph.first <= pointed && pointed <= glyph.last}
          marked={marked?.has(glyph.last) ?? false}
        />
      ))}
    </div>
  );
});

/** Plain values: of a text that grew at its end, the tokens before it are not drawn anew. */
interface TokenProps extends Glyph {
  readonly piece: string;
  readonly value: number | null;
  readonly top: number;
  readonly signed: boolean;
  readonly measure: string;
  readonly stop: boolean;
  readonly pinned: boolean;
  readonly pointed: boolean;
  readonly marked: boolean;
}

const Token = memo(function Token({
  first,
  last,
  text,
  special,
  piece,
  value,
  top,
  signed,
  measure,
  stop,
  pinned,
  pointed,
  marked,
}: TokenProps) {
  const tint = shade(value, top);
  const [lead, ink, trail] = inkOf(text);
  return (
    <span
      role="option"
      aria-selected={pinned}
      aria-label={spokenToken(piece, special, value, { top, signed, name: measure })}
      tabIndex={stop ? 0 : -1}
      className={special ? "token token-special" : "token"}
      data-position={last}
      data-first={first}
      data-value={value ?? undefined}
      data-negative={tint?.negative || undefined}
      data-flip={tint?.flip || undefined}
      data-tinted={tint === null ? undefined : true}
      data-pointed={pointed || undefined}
      data-marked={marked || undefined}
      style={tint === null ? undefined : { "--strength": tint.strength }}
    >
      {lead}
      <span className="ink">{ink}</span>
      {trail}
    </span>
  );
});
