// The switches of the text view: what colours, on which scale, and how tokens are written.

import { Segmented } from "../shared/Segmented.tsx";
import { useActions, useApp } from "../shared/app.ts";

/** Offered where there are edits. */
const EDIT_COLOURS = [
  {
    value: "edit-ce",
    label: "CE by edits",
    title: "Loss on the next token with the edits, minus without",
  },
  { value: "edit-kl", label: "KL by edits", title: "KL(before ‖ after) of the next token" },
] as const;

export function Toolbar() {
  const actions = useActions();
  const view = useApp((state) => state.view);
  return (
    <div className="toolbar">
      <Segmented
        legend="Colour"
        testId="switch-colour"
        value={view.colour}
        onChange={(colour) => actions.setView({ colour })}
        choices={[
          { value: "feature", label: "feature" },
          { value: "l0", label: "L0", title: "How many features fire on each token" },
          { value: "error", label: "error", title: "Reconstruction error, ‖x − x̂‖²" },
          {
            value: "ce",
            label: "CE change",
            title: "Loss on the next token with the SAE spliced in, minus without",
          },
          ...(view.edits.length > 0 || view.colour.startsWith("edit-") ? EDIT_COLOURS : []),
        ]}
      />
      <Segmented
        legend="Scale"
        testId="switch-scale"
        value={view.scale}
        onChange={(scale) => actions.setView({ scale })}
        choices={[
          { value: "text", label: "this text" },
          {
            value: "feature",
            label: "corpus",
            title: "The feature's strongest on the scanned corpus, where there is a scan",
          },
        ]}
      />
      <Segmented
        legend="Units"
        testId="switch-units"
        value={view.units}
        onChange={(units) => actions.setView({ units })}
        choices={[
          {
            value: "folded",
            label: "folded",
            title: "f · ‖W_dec‖, comparable between features; what Neuronpedia shows",
          },
          { value: "raw", label: "raw", title: "f, what sae.encode returns" },
        ]}
      />
      <details className="more">
        <summary>Display</summary>
        <div className="toolbar">
          <Segmented
            legend="Layout"
            testId="switch-layout"
            value={view.layout}
            onChange={(layout) => actions.setView({ layout })}
            choices={[
              { value: "prose", label: "prose" },
              { value: "table", label: "table" },
            ]}
          />
          <Segmented
            legend="Newlines"
            testId="switch-newlines"
            value={view.newlines}
            onChange={(newlines) => actions.setView({ newlines })}
            choices={[
              { value: "break", label: "↵ and break" },
              { value: "inline", label: "↵ only" },
            ]}
          />
          <Segmented
            legend="Spaces"
            testId="switch-spaces"
            value={view.spaces}
            onChange={(spaces) => actions.setView({ spaces })}
            choices={[
              { value: "implicit", label: "as spaces" },
              { value: "dot", label: "as ·" },
            ]}
          />
          <Segmented
            legend="Byte tokens"
            testId="switch-bytes"
            value={view.mergeBytes ? "merged" : "single"}
            onChange={(value) => actions.setView({ mergeBytes: value === "merged" })}
            choices={[
              {
                value: "merged",
                label: "merged",
                title: "Bytes that spell one character are one glyph, with the largest value",
              },
              { value: "single", label: "single" },
            ]}
          />
        </div>
      </details>
    </div>
  );
}
