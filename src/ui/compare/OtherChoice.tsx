// What stands on each side: A as it is open, B to be chosen.

import { type GeluKind, PRECISIONS, type Precision } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { Choice } from "../shared/Choice.tsx";
import { withPresent } from "../shared/withPresent.ts";
import { swapped } from "./swapped.ts";

/** Widened and quantised; f16 and bf16 only where the file has them, which "as in the file" is. */
const OFFERED: readonly Precision[] = ["f32", "int8", "int4"];

export function OtherChoice() {
  const actions = useActions();
  const view = useApp((state) => state.view);
  const catalog = useApp((state) => state.catalog);
  const opened = useApp((state) => state.card.data?.provenance.model ?? null);
  const saes = (catalog?.saes ?? [])
    .filter(({ model }) => model === view.model)
    .map(({ key }) => key);
  const offered = withPresent(saes, view.sae);
  const { otherSae, otherPrecision } = view;
  return (
    <div className="compare-choice">
      <p>
        <b>A</b> <Hostile text={view.sae} />{" "}
        <span className="soft">
          weights {opened?.precision ?? "…"}, GELU {opened?.activation ?? view.activation}
        </span>
      </p>
      <div className="choices">
        <b>B</b>
        <Choice
          name="SAE"
          testId="other-sae"
          value={otherSae ?? ""}
          choices={[
            ...(otherSae === null ? [{ value: "", label: "choose…" }] : []),
            ...(otherSae === null ? offered : withPresent(offered, otherSae)).map((key) => ({
              value: key,
              label: key === view.sae ? `${key}, the same as A` : key,
            })),
          ]}
          onChange={(key) => actions.setView({ otherSae: key === "" ? null : key })}
        />
        <Choice
          name="Weights"
          testId="other-precision"
          value={otherPrecision ?? ""}
          choices={[
            { value: "", label: "as in the file" },
            ...(otherPrecision === null ? OFFERED : withPresent(OFFERED, otherPrecision)).map(
              (value) => ({ value, label: value }),
            ),
          ]}
          onChange={(value) =>
            actions.setView({
              otherPrecision: PRECISIONS.find((known) => known === value) ?? null,
              otherSae: otherSae ?? view.sae,
            })
          }
        />
        <Choice
          name="GELU"
          testId="other-activation"
          value={view.otherActivation}
          choices={[
            { value: "tanh", label: "tanh" },
            { value: "erf", label: "erf" },
          ]}
          onChange={(value) => {
            const otherActivation: GeluKind = value === "erf" ? "erf" : "tanh";
            actions.setView({ otherActivation, otherSae: otherSae ?? view.sae });
          }}
        />
        <button
          type="button"
          className="button button-small"
          data-testid="swap"
          disabled={otherSae === null}
          onClick={() => actions.setView(swapped(view))}
        >
          swap A and B
        </button>
      </div>
    </div>
  );
}
