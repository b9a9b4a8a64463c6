// Previous, next, random, go to a number. The keys [ ] r do the same.

import { useId } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { usePrepareFeature } from "../shared/prepareFeature.ts";
import { useCurrentFeature } from "../tokens/shown.ts";
import { randomFeature, stepFeature } from "./walk.ts";

export function FeatureNav() {
  const actions = useActions();
  const current = useCurrentFeature();
  const total = useApp((state) => state.card.data?.provenance.sae.dSae ?? 0);
  const id = useId();
  const go = (feature: number): void => actions.setView({ feature });
  const prepare = usePrepareFeature();
  const [before, after] = [stepFeature(current, -1, total), stepFeature(current, 1, total)];
  return (
    <form
      className="feature-nav"
      data-testid="feature-nav"
      onSubmit={(event) => {
        event.preventDefault();
        const typed = new FormData(event.currentTarget).get("feature");
        if (typeof typed === "string" && typed.trim() !== "") go(Number(typed));
      }}
    >
      <button
        type="button"
        className="button button-small"
        aria-label="Previous feature"
        aria-keyshortcuts="["
        disabled={total === 0}
        onMouseEnter={() => prepare(before)}
        onFocus={() => prepare(before)}
        onClick={() => go(before)}
      >
        ‹
      </button>
      <label htmlFor={id} className="visually-hidden">
        Go to feature number
      </label>
      <input
        key={current ?? "none"}
        id={id}
        name="feature"
        type="number"
        inputMode="numeric"
        min={0}
        max={Math.max(0, total - 1)}
        step={1}
        defaultValue={current ?? ""}
        placeholder="number"
        data-testid="feature-number"
      />
      <span className="soft">{total === 0 ? "" : `of ${total}`}</span>
      <button
        type="button"
        className="button button-small"
        aria-label="Next feature"
        aria-keyshortcuts="]"
        disabled={total === 0}
        onMouseEnter={() => prepare(after)}
        onFocus={() => prepare(after)}
        onClick={() => go(after)}
      >
        ›
      </button>
      <button
        type="button"
        className="button button-small"
        aria-keyshortcuts="r"
        disabled={total === 0}
        onClick={() => go(randomFeature(total, Math.random()))}
      >
        random
      </button>
    </form>
  );
}
