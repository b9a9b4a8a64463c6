// Which model, which SAE, which backend, which GELU.

import { BACKEND_NAMES, type BackendName, type GeluKind } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { visibleText } from "../shared/visible.ts";

const BACKEND_LABELS: Record<BackendName, string> = {
  webgpu: "WebGPU",
  "tfjs-wasm": "TensorFlow.js, wasm",
  "tfjs-cpu": "TensorFlow.js, cpu",
  "tfjs-webgpu": "TensorFlow.js, WebGPU",
};

/** The choices, with the present one added where the catalogue does not have it (a link may name any). */
function withPresent(keys: readonly string[], present: string): readonly string[] {
  return keys.includes(present) ? keys : [...keys, present];
}

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
  return (
    <div className="choices">
      <label className="field">
        <span>Model</span>
        <select
          data-testid="choose-model"
          value={view.model}
          onChange={(event) => {
            const model = event.target.value;
            actions.setView({
              model,
              sae: saesOf(model)[0] ?? view.sae,
              modelRevision: null,
              saeRevision: null,
              token: null,
              feature: null,
            });
          }}
        >
          {withPresent(
            models.map((model) => model.key),
            view.model,
          ).map((key) => (
            <option key={key} value={key}>
              {visibleText(nameOf(key))}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>SAE</span>
        <select
          data-testid="choose-sae"
          value={view.sae}
          onChange={(event) =>
            actions.setView({ sae: event.target.value, saeRevision: null, feature: null })
          }
        >
          {withPresent(saesOf(view.model), view.sae).map((key) => (
            <option key={key} value={key}>
              {visibleText(key)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Backend</span>
        <select
          data-testid="choose-backend"
          value={view.backend ?? ""}
          onChange={(event) =>
            actions.setView({
              backend: BACKEND_NAMES.find((name) => name === event.target.value) ?? null,
            })
          }
        >
          <option value="">
            auto{running === null || view.backend !== null ? "" : `: ${running}`}
          </option>
          {BACKEND_NAMES.map((name) => {
            const backend = backends?.find((entry) => entry.name === name);
            return (
              <option key={name} value={name} disabled={backend?.available === false}>
                {BACKEND_LABELS[name]}
                {backend?.note ? `, ${visibleText(backend.note)}` : ""}
              </option>
            );
          })}
        </select>
      </label>
      <label className="field">
        <span>GELU</span>
        <select
          data-testid="choose-activation"
          value={view.activation}
          title="tanh: as Google released it and Hugging Face runs it. erf: as TransformerLens ran it up to 1.17, and likely these SAEs' training."
          onChange={(event) => {
            const activation: GeluKind = event.target.value === "erf" ? "erf" : "tanh";
            actions.setView({ activation });
          }}
        >
          <option value="tanh">tanh</option>
          <option value="erf">erf</option>
        </select>
      </label>
    </div>
  );
}
