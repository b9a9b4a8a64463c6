// The strongest features of one side, each with the feature of the other whose decoder row is nearest.

import { useMemo, useState } from "react";
import type { Comparison } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { number } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { Segmented } from "../shared/Segmented.tsx";
import { useCurrentFeature, useLabel } from "../tokens/shown.ts";
import { ViewLink } from "../shared/ViewLink.tsx";
import { matchRows, type MatchRow } from "./matchRows.ts";
import { swapped } from "./swapped.ts";

const SHOWN = 20;

export function Matches({ comparison }: { comparison: Comparison }) {
  const units = useApp((state) => state.view.units);
  const [from, setFrom] = useState<"a" | "b">("a");
  const [more, setMore] = useState(0);
  const rows = useMemo(
    () => matchRows(comparison, from === "a" ? 0 : 1, units),
    [comparison, from, units],
  );
  const near = rows.filter(({ cosine }) => cosine !== null && cosine >= NEAR).length;
  const [own, other] = from === "a" ? ["A", "B"] : ["B", "A"];
  return (
    <section className="panel" data-testid="matches">
      <h2>Features matched by decoder cosine</h2>
      <Segmented
        legend="Of"
        testId="match-side"
        value={from}
        onChange={setFrom}
        choices={[
          { value: "a", label: "A, nearest in B" },
          { value: "b", label: "B, nearest in A" },
        ]}
      />
      <p className="soft">
        The {rows.length} strongest on this text; {near} of them have a feature of {other} with a
        cosine of {NEAR} or more. A number of A colours the text by it; one of B opens B on its
        page.
      </p>
      <div className="scroll-x">
        <table className="table matches-table">
          <thead>
            <tr>
              <th scope="col">{own}</th>
              <th scope="col" className="table-text">
                Label
              </th>
              <th scope="col">Σ, {units}</th>
              <th scope="col">cosine</th>
              <th scope="col">{other}</th>
              <th scope="col">Σ, {units}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN + more).map((row) => (
              <Row key={row.feature} row={row} ofA={from === "a"} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > SHOWN + more && (
        <p className="panel-foot soft">
          <button type="button" className="link" onClick={() => setMore(rows.length)}>
            show all {rows.length}
          </button>
        </p>
      )}
    </section>
  );
}

/** Where this page draws a line for its count; every cosine stands beside it. */
const NEAR = 0.7;

function Row({ row, ofA }: { row: MatchRow; ofA: boolean }) {
  const actions = useActions();
  const view = useApp((state) => state.view);
  const current = useCurrentFeature();
  const { feature, match, cosine, sum, matchSum } = row;
  // Only A's features have labels and a page here.
  const inA = ofA ? feature : match;
  const inB = ofA ? match : feature;
  const label = useLabel(inA);
  const choose =
    inA === null ? (
      "–"
    ) : (
      <button
        type="button"
        className="link"
        aria-pressed={inA === current}
        aria-label={`Colour by feature ${inA} of A`}
        onClick={() => actions.setView({ feature: inA, colour: "feature" })}
      >
        {inA}
      </button>
    );
  const open =
    inB === null ? (
      "–"
    ) : (
      <ViewLink
        to={{ ...swapped(view), place: "feature", feature: inB }}
        className="link"
        label={`Feature ${inB} of B: opens B`}
      >
        {inB}
      </ViewLink>
    );
  return (
    <tr data-chosen={inA === current || undefined}>
      <td>{ofA ? choose : open}</td>
      <td className="table-text matches-label">
        {label !== null && <Hostile text={label.label} />}
      </td>
      <td>{number(sum)}</td>
      <td className="matches-cosine">
        <span className="feature-bar" style={{ "--share": Math.max(0, cosine ?? 0) }} />
        {cosine === null ? "–" : cosine.toFixed(3).replace("-", "−")}
      </td>
      <td>{ofA ? open : choose}</td>
      <td>{match === null ? "–" : matchSum === 0 ? "silent" : number(matchSum)}</td>
    </tr>
  );
}
