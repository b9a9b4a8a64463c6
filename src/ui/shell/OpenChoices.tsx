// Which model, which SAE, which backend, which GELU.

import { BACKEND_NAMES, type BackendName, type GeluKind } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Choice } from "../shared/Choice.tsx";
import { withPresent } from "../shared/withPresent.ts";

const BACKEND_LABELS: Record<BackendName, string> = {
  webgpu: "WebGPU",
  "tfjs-wasm": "TensorFlow.js, wasm",
  "tfjs-cpu": "TensorFlow.js, cpu",
};

export function OpenChoices() {
  const actions = useActions();
  const view = useApp((state) => state.view);
  const catalog = useApp((state) => state.catalog);
  const backends = useApp((state) => state.card.data?.backends ?? null);
  const running = useApp((state) => state.card.data?.provenance.backend.name ?? null);
  const models = catalog?.models ?? [];
  const saesOf = (model: string): string[] =>
    (catalog?.saes ?? []).filter((sae) => sae.model === model).map((sae) => sae.key);
  const nameOf = (key: string): string => models.find((model) => model.key === key)?.name ?? key;
  const modelKeys = withPresent(
    models.map((model) => model.key),
    view.model,
  );
  return (
    <div className="choices">
      <Choice
        name="Model"
        testId="choose-model"
        value={view.model}
        choices={modelKeys.map((key) => ({ value: key, label: nameOf(key) }))}
        onChange={(model) =>
          actions.setView({
            model,
            sae: saesOf(model)[0] ?? view.sae,
            modelRevision: null,
            saeRevision: null,
            token: null,
            feature: null,
          })
        }
      />
      <Choice
        name="SAE"
        testId="choose-sae"
        value={view.sae}
        choices={withPresent(saesOf(view.model), view.sae).map((key) => ({
          value: key,
          label: key,
        }))}
        onChange={(sae) => actions.setView({ sae, saeRevision: null, feature: null })}
      />
      <Choice
        name="Backend"
        testId="choose-backend"
        value={view.backend ?? ""}
        choices={[
          {
            value: "",
            label: `auto${running === null || view.backend !== null ? "" : `: ${running}`}`,
          },
          ...BACKEND_NAMES.map((name) => {
            const backend = backends?.find((entry) => entry.name === name);
            const note = backend?.note ? `, ${backend.note}` : "";
            return {
              value: name,
              label: `${BACKEND_LABELS[name]}${note}`,
              disabled: backend?.available === false,
            };
          }),
        ]}
        onChange={(value) =>
          actions.setView({ backend: BACKEND_NAMES.find((name) => name === value) ?? null })
        }
      />
      <Choice
        name="GELU"
        testId="choose-activation"
        value={view.activation}
        title="tanh: as Google released it and Hugging Face runs it. erf: as TransformerLens ran it up to 1.17, and likely these SAEs' training."
        choices={[
          { value: "tanh", label: "tanh" },
          { value: "erf", label: "erf" },
        ]}
        onChange={(value) => {
          const activation: GeluKind = value === "erf" ? "erf" : "tanh";
          actions.setView({ activation });
        }}
      />
    </div>
  );
}
