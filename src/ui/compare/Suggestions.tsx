// What A may be compared with, a press away, while nothing is chosen: the model's other SAEs, and A under other settings.

import type { View } from "../../state/view.ts";
import { useActions, useApp } from "../shared/app.ts";
import { focusHeading } from "../shared/focus.ts";
import { Hostile } from "../shared/Piece.tsx";

interface Suggestion {
  readonly name: string;
  readonly view: Pick<View, "otherSae" | "otherPrecision" | "otherActivation">;
}

/** Other SAEs that are offered; the list above has them all. */
const MOST = 6;

export function Suggestions() {
  const actions = useActions();
  const model = useApp((state) => state.view.model);
  const sae = useApp((state) => state.view.sae);
  const activation = useApp((state) => state.view.activation);
  const catalog = useApp((state) => state.catalog);
  const others = (catalog?.saes ?? [])
    .filter((entry) => entry.model === model && entry.key !== sae)
    .slice(0, MOST);
  const gelu = activation === "tanh" ? "erf" : "tanh";
  const saes: Suggestion[] = others.map(({ key }) => ({
    name: key,
    view: { otherSae: key, otherPrecision: null, otherActivation: activation },
  }));
  const settings: Suggestion[] = [
    ...(["int8", "int4"] as const).map((otherPrecision) => ({
      name: `weights in ${otherPrecision}`,
      view: { otherSae: sae, otherPrecision, otherActivation: activation },
    })),
    { name: `GELU ${gelu}`, view: { otherSae: sae, otherPrecision: null, otherActivation: gelu } },
  ];
  const list = (title: string, of: readonly Suggestion[]) =>
    of.length > 0 && (
      <div className="suggestions" role="group" aria-label={title}>
        <span className="soft">{title}</span>
        {of.map(({ name, view }) => (
          <button
            key={name}
            type="button"
            className="button button-small"
            onClick={() => {
              actions.setView(view);
              // The suggestions are gone then.
              focusHeading();
            }}
          >
            <Hostile text={name} />
          </button>
        ))}
      </div>
    );
  return (
    <div data-testid="suggestions">
      {list("Another SAE of the model", saes)}
      {list("The same SAE with", settings)}
    </div>
  );
}
