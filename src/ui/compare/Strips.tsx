// The text twice, coloured by each side on one scale, and the same numbers as a table.

import { useMemo } from "react";
import type { ComparedSide, Comparison } from "../../lib/report.ts";
import type { Colour } from "../../state/view.ts";
import { useActions, useApp } from "../shared/app.ts";
import { number, signed } from "../shared/format.ts";
import { useNarrow } from "../shared/media.ts";
import { Piece } from "../shared/Piece.tsx";
import { Segmented } from "../shared/Segmented.tsx";
import { useCurrentFeature } from "../tokens/shown.ts";
import { TokenStrip } from "../tokens/TokenStrip.tsx";
import { colourValues, featureValues, type TokenValues } from "../tokens/tokenValues.ts";

interface Props {
  readonly comparison: Comparison;
  readonly stale: boolean;
}

/** The feature of each side that colours it: the one on show, and the one of B that is nearest to it. */
function useFeatures({ matches: [ofA] }: Comparison): readonly [number | null, number | null] {
  const current = useCurrentFeature();
  const match = ofA.find(({ feature }) => feature === current);
  return [current, match?.match ?? null];
}

export function Strips({ comparison, stale }: Props) {
  const actions = useActions();
  const colour = useApp((state) => state.view.colour);
  const units = useApp((state) => state.view.units);
  const features = useFeatures(comparison);
  const narrow = useNarrow();
  const [first, second] = features;
  const values = useMemo(() => {
    const of = ({ analysis, verification }: ComparedSide, feature: number | null): TokenValues =>
      colour === "feature"
        ? featureValues(analysis, feature ?? -1, units, null)
        : colourValues(colour, analysis, verification);
    const [a, b] = comparison.sides;
    const both = [of(a, first), of(b, second)] as const;
    // One scale, so that the same colour is the same number.
    const top = Math.max(both[0].top, both[1].top);
    return both.map((side) => ({ ...side, top }));
  }, [comparison, colour, units, first, second]);
  return (
    <>
      <Segmented<Colour>
        legend="Colour"
        testId="compare-colour"
        value={colour}
        onChange={(value) => actions.setView({ colour: value })}
        choices={[
          { value: "feature", label: "feature" },
          { value: "l0", label: "L0" },
          { value: "error", label: "error", title: "Reconstruction error, ‖x − x̂‖²" },
          { value: "ce", label: "CE change", title: "Loss with the SAE spliced in, minus without" },
        ]}
      />
      {values.map((side, i) => {
        const name = i === 0 ? "A" : "B";
        const feature = features[i] ?? null;
        const what =
          colour !== "feature"
            ? side.name
            : feature === null
              ? "no feature near to A’s"
              : `${i === 0 ? "" : "its nearest, "}feature ${feature}, ${side.name}`;
        return (
          <section key={name} className="compare-side" aria-label={`Tokens of ${name}`}>
            <h2>
              {name} <span className="soft">{what}</span>
            </h2>
            <TokenStrip
              tokens={comparison.sides[i]?.analysis.tokens ?? []}
              values={side}
              stale={stale}
              label={`Your text on side ${name}, coloured by ${what}`}
              testId={`strip-${name.toLowerCase()}`}
            />
          </section>
        );
      })}
      <p className="caption">
        Both on one scale, to {number(values[0]?.top)} {values[0]?.unit}. A token that is pinned is
        pinned on both.
      </p>
      <details className="more" open={!narrow}>
        <summary>By token</summary>
        <ByToken comparison={comparison} />
      </details>
    </>
  );
}

function ByToken({ comparison: { sides } }: { comparison: Comparison }) {
  const [a, b] = sides;
  const change = ({ verification }: ComparedSide, t: number): number | null => {
    const entry = verification?.perToken?.[t];
    return entry === undefined ? null : entry.ceSae - entry.ceClean;
  };
  return (
    <div className="scroll-x">
      <table className="table token-table" data-testid="compare-table">
        <thead>
          <tr>
            <th scope="col">Position</th>
            <th scope="col" className="table-text">
              Token
            </th>
            <th scope="col">L0, A</th>
            <th scope="col">B</th>
            <th scope="col">‖x − x̂‖², A</th>
            <th scope="col">B</th>
            <th scope="col">CE change, A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {a.analysis.tokens.map((token, t) => (
            <tr key={token.position}>
              <td>{token.position}</td>
              <td className="table-text">
                <Piece piece={token.token} />
              </td>
              <td>{number(token.l0)}</td>
              <td>{number(b.analysis.tokens[t]?.l0)}</td>
              <td>{number(token.squaredError)}</td>
              <td>{number(b.analysis.tokens[t]?.squaredError)}</td>
              <td>{signed(change(a, t))}</td>
              <td>{signed(change(b, t))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
