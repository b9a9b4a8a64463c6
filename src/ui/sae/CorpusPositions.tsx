// How L0 and the reconstruction error go along a context of the scanned corpus: an SAE that was trained on short contexts
// shows it here.

import { useMemo } from "react";
import { ProfileFigure } from "../charts/Figure.tsx";
import { count } from "../shared/format.ts";
import { bosTold } from "../shared/scanTold.ts";
import { useScanSummary } from "../shared/useScanSummary.ts";
import { meansByPosition } from "./positions.ts";

const nothing = (): void => undefined;

const named = (position: number): string => `position ${position}`;

export function CorpusPositions() {
  const scan = useScanSummary();
  const l0 = useMemo(() => (scan ? meansByPosition(scan, "l0") : []), [scan]);
  const error = useMemo(() => (scan ? meansByPosition(scan, "squaredError") : []), [scan]);
  // Without a scan, its panel says how to have one.
  if (scan === null) return null;
  const caption =
    scan === undefined
      ? "\u00a0"
      : `Means over ${count(scan.tokens)} tokens in contexts of ${count(scan.contextSize)}, ${bosTold(scan)}.`;
  return (
    <div className="figures" data-testid="corpus-positions">
      <ProfileFigure
        title="L0 by position, corpus"
        caption={caption}
        values={l0}
        name={named}
        y="features"
        marked={null}
        onHover={nothing}
        description="Mean number of active features by position in the scanned contexts."
      />
      <ProfileFigure
        title="Error by position, corpus"
        caption={caption}
        values={error}
        name={named}
        y="‖x − x̂‖²"
        marked={null}
        onHover={nothing}
        description="Mean squared reconstruction error by position in the scanned contexts."
      />
    </div>
  );
}
