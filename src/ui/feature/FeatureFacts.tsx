// A feature's density and decoder norm, each with its source. What the card knows stands at once;
// the report adds the rest.

import type { FeatureFacts as Facts } from "../../lib/report.ts";
import { useApp } from "../shared/app.ts";
import { count, number, percent } from "../shared/format.ts";

interface Props {
  readonly index: number;
  readonly report: Facts | null;
}

export function FeatureFacts({ index, report }: Props) {
  return (
    <dl className="facts feature-facts">
      <Density index={index} report={report} />
      <DecoderNorm index={index} report={report} />
    </dl>
  );
}

function Density({ index, report }: Props) {
  const logDensity = useApp((state) => state.card.data?.sae.logDensity?.[index]);
  const cardTokens = useApp((state) => state.card.data?.sae.logDensityTokens ?? null);
  const known = report?.density ?? null;
  const value = known?.value ?? (logDensity === undefined ? null : 10 ** logDensity);
  const tokens = known?.tokens ?? cardTokens;
  const source = known?.source ?? "sparsity file (the last, partial window of training)";
  return (
    <div>
      <dt>Density</dt>
      <dd data-testid="feature-density">
        {value === null
          ? "not known"
          : value < 1e-9
            ? "never fired"
            : `${percent(value)} of tokens`}
        <small>
          {value === null
            ? "This SAE comes without a sparsity file."
            : `${tokens === null ? "number of tokens not recorded" : `of ${count(tokens)} tokens`}; source: ${source}`}
        </small>
      </dd>
    </div>
  );
}

function DecoderNorm({ index, report }: Props) {
  const fromCard = useApp((state) => state.card.data?.sae.decoderNorms[index]);
  return (
    <div>
      <dt>Decoder norm</dt>
      <dd data-testid="feature-norm">
        {number(report?.decoderNorm ?? fromCard)}
        <small>‖W_dec,{index}‖; folded = raw × this</small>
      </dd>
    </div>
  );
}
