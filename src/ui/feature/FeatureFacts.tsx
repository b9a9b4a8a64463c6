// A feature's density and decoder norm, each with its source. What the card knows stands at once; the report and the
// scan of a corpus add the rest.

import type { FeatureFacts as Facts } from "../../lib/report.ts";
import type { FeatureScan } from "../../lib/scan.ts";
import { useApp } from "../shared/app.ts";
import { bosTold } from "../shared/scanTold.ts";
import { count, number, percent } from "../shared/format.ts";

interface Props {
  readonly index: number;
  readonly report: Facts | null;
  /** What a scanned corpus says of it; null where none was, undefined while that is on its way. */
  readonly scan: FeatureScan | null | undefined;
}

export function FeatureFacts({ index, report, scan }: Props) {
  return (
    <dl className="facts feature-facts">
      {scan !== null && <ScannedDensity scan={scan} />}
      <Density index={index} report={report} second={scan !== null} />
      <DecoderNorm index={index} report={report} />
    </dl>
  );
}

function ScannedDensity({ scan }: { scan: FeatureScan | undefined }) {
  return (
    <div>
      <dt>Density, corpus</dt>
      <dd data-testid="scan-density">
        {scan === undefined ? (
          <Unknown />
        ) : scan.rateBound === null ? (
          <>
            {percent(scan.density)} of tokens
            <small>
              {count(scan.count)} of {count(scan.tokens)} tokens of the scanned corpus,{" "}
              {bosTold(scan)}
            </small>
          </>
        ) : (
          <>
            not seen to fire
            <small>
              in {count(scan.tokens)} tokens of the scanned corpus: at most{" "}
              {percent(scan.rateBound)} of tokens (3/N, 95 %), which is not the same as dead
            </small>
          </>
        )}
      </dd>
    </div>
  );
}

/** Room for what is not known yet. */
const Unknown = ({ lines = 1 }: { lines?: number }) => (
  <>
    {"\u00a0"}
    <small style={{ minHeight: `${lines * 1.45}em` }} />
  </>
);

type DensityProps = Omit<Props, "scan"> & {
  /** Another density stands above. */
  readonly second: boolean;
};

function Density({ index, report, second }: DensityProps) {
  const open = useApp((state) => state.card.data !== null);
  const logDensity = useApp((state) => state.card.data?.sae.logDensity?.[index]);
  const cardTokens = useApp((state) => state.card.data?.sae.logDensityTokens ?? null);
  const known = report?.density ?? null;
  const value = known?.value ?? (logDensity === undefined ? null : 10 ** logDensity);
  const tokens = known?.tokens ?? cardTokens;
  const source = known?.source ?? "sparsity file (the last, partial window of training)";
  return (
    <div>
      <dt>{second ? "Density, training" : "Density"}</dt>
      <dd data-testid="feature-density">
        {!open ? (
          <Unknown lines={2} />
        ) : (
          <>
            {value === null
              ? "not known"
              : value < 1e-9
                ? "never fired"
                : `${percent(value)} of tokens`}
            <small>
              {value === null
                ? "This SAE comes without a usable sparsity file."
                : `${tokens === null ? "number of tokens not recorded" : `of ${count(tokens)} tokens`}; source: ${source}`}
            </small>
          </>
        )}
      </dd>
    </div>
  );
}

function DecoderNorm({ index, report }: Omit<Props, "scan">) {
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
