// The token under focus: what it is, its numbers, and its strongest features.

import { useMemo, useState } from "react";
import { FeatureRow } from "../tokens/FeatureRow.tsx";
import { number, percent, signed } from "../shared/format.ts";
import { Piece } from "../shared/Piece.tsx";
import { useRankOptions, useShownToken } from "../tokens/shown.ts";
import { rankToken } from "../tokens/rankFeatures.ts";
import { useAnalysis, useResult } from "../shared/result.ts";
import { verification } from "../../state/queries.ts";

const SHOWN = 8;

const WHY = {
  hovered: "under the pointer or the keyboard",
  pinned: "pinned, Esc lets go",
  strongest: "where the feature is strongest",
};

export function TokenPanel() {
  const shown = useShownToken();
  const token = shown?.token ?? null;
  const { stale } = useAnalysis();
  const checks = useResult(verification);
  const entry =
    token === null || checks.stale ? undefined : checks.data?.perToken?.[token.position];
  const options = useRankOptions();
  const ranked = useMemo(() => (token === null ? [] : rankToken(token, options)), [token, options]);
  const [all, setAll] = useState(false);
  const hidden = token === null ? 0 : token.l0 - ranked.length;
  return (
    <section
      className="panel token-panel"
      data-testid="token-features"
      data-stale={stale || undefined}
    >
      <header className="panel-head">
        <h2>Token {token !== null && <Piece piece={token.token} />}</h2>
        <p className="soft one-line">
          {shown === null
            ? "\u00a0"
            : `position ${shown.token.position} · id ${shown.token.id} · ${WHY[shown.why]}`}
        </p>
      </header>
      <dl className="facts facts-row">
        <Fact name="L0" value={number(token?.l0)} />
        <Fact name="‖x‖" value={number(token?.norm)} />
        <Fact
          name="‖x − x̂‖²"
          value={number(token?.squaredError)}
          note={token === null ? "" : `${percent(token.squaredError / token.norm ** 2)} of ‖x‖²`}
        />
        {entry !== undefined && (
          <Fact
            name="CE, next token"
            value={number(entry.ceClean)}
            note={`${signed(entry.ceSae - entry.ceClean)} with SAE`}
          />
        )}
      </dl>
      <ol className="feature-list" style={{ "--rows": SHOWN }}>
        {ranked.slice(0, all ? undefined : SHOWN).map((feature) => (
          <FeatureRow
            key={feature.index}
            index={feature.index}
            value={feature.value}
            top={ranked[0]?.value ?? 0}
          />
        ))}
      </ol>
      <p className="panel-foot soft">
        {ranked.length > SHOWN && (
          <button type="button" className="link" onClick={() => setAll(!all)}>
            {all ? `show the first ${SHOWN}` : `show all ${ranked.length}`}
          </button>
        )}
        {hidden > 0 && <span> {hidden} denser ones are filtered out</span>}
      </p>
    </section>
  );
}

function Fact({ name, value, note = "" }: { name: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} {note !== "" && <small>{note}</small>}
      </dd>
    </div>
  );
}
