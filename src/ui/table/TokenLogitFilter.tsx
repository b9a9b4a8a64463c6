// Features by a token among their positive logits: what is typed becomes tokens of the model, one of which is chosen.
// Its id stands in the link.

import { useEffect, useState } from "react";
import type { VocabularyToken } from "../../lib/explore.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Piece } from "../shared/Piece.tsx";
import { Segmented } from "../shared/Segmented.tsx";
import { useResult } from "../shared/result.ts";
import { tokenLogits, vocabularyTokens } from "../../state/queries.ts";

/** Typing settles for this long before its tokens are looked up, in milliseconds. */
const SETTLES = 150;
const NONE: readonly VocabularyToken[] = [];

export function TokenLogitFilter() {
  const actions = useActions();
  const chosen = useApp((state) => state.view.promotes);
  const { data: known } = useResult(tokenLogits);
  const lensNorm = useApp((state) => state.view.lensNorm);
  const hasTokenizer = useApp((state) => state.card.data?.model.hasTokenizer ?? true);
  const [typed, setTyped] = useState("");
  const [settled, setSettled] = useState("");
  const choices = useResult(vocabularyTokens, settled).data ?? NONE;
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), SETTLES);
    return () => clearTimeout(timer);
  }, [typed]);
  const choose = (id: number | null): void =>
    actions.setView(
      id === null
        ? { promotes: null, sort: "index", descending: false }
        : { promotes: id, sort: "promotes", descending: true },
    );
  const own: VocabularyToken | null =
    chosen !== null && !choices.some(({ id }) => id === chosen)
      ? { id: chosen, token: known?.id === chosen ? known.token : `#${chosen}` }
      : null;
  return (
    <div className="token-logit" data-testid="token-logit">
      <label className="field">
        <span>Positive logits include</span>
        <input
          type="text"
          className="text-field"
          data-testid="token-logit-text"
          autoComplete="off"
          spellCheck={false}
          disabled={!hasTokenizer}
          placeholder="with its space: “ Paris”"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <div className="token-choices" role="group" aria-label="Tokens of what was typed">
        {[...offered(own, choices)].map(({ id, token }) => (
          <button
            key={id}
            type="button"
            className="token-choice"
            aria-pressed={id === chosen}
            title={`token ${id}`}
            onClick={() => choose(id === chosen ? null : id)}
          >
            <Piece piece={token} />
          </button>
        ))}
      </div>
      {chosen !== null && (
        <Segmented
          legend="Final norm’s weight"
          testId="switch-lens"
          value={lensNorm}
          onChange={(value) => actions.setView({ lensNorm: value })}
          choices={[
            { value: "without", label: "without", title: "As dashboards have it: Ŵ_dec · W_U" },
            { value: "with", label: "with", title: "(1 + w_final) ⊙ Ŵ_dec · W_U" },
          ]}
        />
      )}
    </div>
  );
}

/** Each token once, though it may stand in a text twice. */
const offered = (
  own: VocabularyToken | null,
  choices: readonly VocabularyToken[],
): Iterable<VocabularyToken> =>
  new Map([...(own === null ? [] : [own]), ...choices].map((token) => [token.id, token])).values();
