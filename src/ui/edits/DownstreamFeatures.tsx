// What an SAE at the edited hook or behind it reads once the edits are made: by token, the features that it gains and
// loses, and those that change most.

import { useMemo, useState } from "react";
import type { Downstream } from "../../lib/interventions.ts";
import { chosenDownstream, downstreamChoices } from "../../state/downstreamChoice.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Choice } from "../shared/Choice.tsx";
import { count, number } from "../shared/format.ts";
import { Hostile, Piece } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { withPresent } from "../shared/withPresent.ts";
import { focusIn } from "./keepFocus.ts";
import { PartError } from "./PartError.tsx";
import { TokenChanges } from "./TokenChanges.tsx";
import { usePosition, useResult } from "../shared/result.ts";
import { downstream, intervention } from "../../state/queries.ts";

/** Tokens that are listed at first: those that change most. */
const ROWS = 8;

type ChangedToken = Downstream["tokens"][number];

export function DownstreamFeatures() {
  const actions = useActions();
  const { data, stale, running, progress, error } = useResult(downstream);
  const position = usePosition();
  // What the edits themselves are refused for is said once, above.
  const refused = useResult(intervention, position).error !== null;
  if (refused) return null;
  return (
    <div className="downstream" data-testid="downstream">
      <h3>Features downstream</h3>
      <SaeChoice />
      {error !== null && (
        <PartError
          title="That SAE cannot read what is edited"
          error={error}
          remedy={{
            label: "Let the page choose",
            run: (button) => {
              focusIn(button, ".downstream", "select");
              actions.setView({ downstream: null });
            },
          }}
          onRetry={() => actions.request(downstream)}
        />
      )}
      {data === null ? (
        running ? (
          <ProgressBar progress={progress} />
        ) : (
          error === null && (
            <button
              type="button"
              className="button button-small"
              onClick={() => actions.request(downstream)}
            >
              Read the edited text with it
            </button>
          )
        )
      ) : (
        <div className="downstream-report" data-stale={stale || undefined}>
          <Report report={data} />
        </div>
      )}
    </div>
  );
}

function SaeChoice() {
  const actions = useActions();
  const own = useApp((state) => state.view.sae);
  const chosen = useApp(chosenDownstream);
  const view = useApp((state) => state.view);
  const catalog = useApp((state) => state.catalog);
  const card = useApp((state) => state.card);
  const offered = useMemo(
    () => [own, ...downstreamChoices({ view, catalog, card }).map(({ key }) => key)],
    [own, view, catalog, card],
  );
  return (
    <Choice
      name="SAE"
      testId="downstream-sae"
      value={chosen}
      choices={withPresent(offered, chosen).map((key) => ({
        value: key,
        label: key === own ? `${key}, the open one` : key,
      }))}
      onChange={(sae) => actions.setView({ downstream: sae })}
    />
  );
}

function Report({ report }: { report: Downstream }) {
  const mask = useApp((state) => state.view.mask);
  const pinned = useApp((state) => state.view.token);
  const changed = report.tokens.filter(({ size }) => size > 0);
  const counted = changed.filter(({ special }) => mask === "all" || !special);
  const shown =
    changed.find(({ position }) => position === pinned) ?? mostChanged(counted) ?? changed[0];
  const total = (of: "gained" | "lost"): number =>
    counted.reduce((sum, token) => sum + token[of].length, 0);
  if (shown === undefined) {
    return <p className="note">No feature of this SAE changes: the edits move nothing it reads.</p>;
  }
  return (
    <>
      <p className="soft" data-testid="downstream-summary">
        {counted.length === 1 ? "One token changes" : `${count(counted.length)} tokens change`} at{" "}
        <Hostile text={report.reader.hook} />: {count(total("gained"))} features gained,{" "}
        {count(total("lost"))} lost{mask === "nonspecial" && ", special tokens not counted"}.
        {report.reader.hook === report.sae.hook &&
          " On the edited hook itself only edited tokens can."}
      </p>
      <ByToken tokens={changed} shown={shown.position} />
      <TokenChanges
        token={shown}
        sae={report.reader}
        own={sameSae(report.reader, report.sae)}
        why={shown.position === pinned ? "pinned" : "the one that changes most"}
      />
    </>
  );
}

const mostChanged = (tokens: readonly ChangedToken[]): ChangedToken | undefined =>
  tokens.toSorted((a, b) => b.size - a.size)[0];

const sameSae = (a: Downstream["reader"], b: Downstream["sae"]): boolean =>
  a.source === b.source && a.folder === b.folder && a.revision === b.revision;

function ByToken({ tokens, shown }: { tokens: readonly ChangedToken[]; shown: number }) {
  const actions = useActions();
  const [all, setAll] = useState(false);
  const rows = useMemo(() => {
    if (all || tokens.length <= ROWS) return tokens;
    const least = tokens.map(({ size }) => size).toSorted((a, b) => b - a)[ROWS - 1] ?? 0;
    return tokens.filter(({ size }) => size >= least).slice(0, ROWS);
  }, [tokens, all]);
  return (
    <>
      <div className="scroll-x">
        <table className="table downstream-tokens" data-testid="downstream-tokens">
          <thead>
            <tr>
              <th scope="col">token</th>
              <th scope="col">gained</th>
              <th scope="col">lost</th>
              <th scope="col">L0</th>
              <th scope="col" title="Sum over features of the change of folded activation">
                Σ |change|
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ position, token, gained, lost, l0, size }) => (
              <tr key={position} data-chosen={position === shown || undefined}>
                <th scope="row">
                  <button
                    type="button"
                    className="link"
                    aria-pressed={position === shown}
                    aria-label={`Show position ${position}`}
                    onClick={() => actions.setView({ token: position })}
                  >
                    {position}
                  </button>{" "}
                  <Piece piece={token} />
                </th>
                <td>{gained.length}</td>
                <td>{lost.length}</td>
                <td>
                  {number(l0.before)} → {number(l0.after)}
                </td>
                <td>{number(size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {tokens.length > ROWS && (
        <p className="panel-foot soft">
          <button type="button" className="link" onClick={() => setAll(!all)}>
            {all ? `show the ${ROWS} that change most` : `show all ${tokens.length}`}
          </button>
        </p>
      )}
    </>
  );
}
