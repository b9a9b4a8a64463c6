// The SAE place: is it any good (Verify), which features live (the map), and what it is (configuration, files).

import { useMemo } from "react";
import { useApp } from "../shared/app.ts";
import { BarsFigure } from "../charts/Figure.tsx";
import { count, number } from "../shared/format.ts";
import { histogram } from "../shared/histogram.ts";
import { Hostile } from "../shared/Piece.tsx";
import { ScanPanel } from "../scan/ScanPanel.tsx";
import { Configuration } from "./Configuration.tsx";
import { CorpusL0 } from "./CorpusL0.tsx";
import { CorpusPositions } from "./CorpusPositions.tsx";
import { DeadFeatures } from "./DeadFeatures.tsx";
import { SelfCheck } from "./SelfCheck.tsx";
import { Verify } from "./Verify.tsx";

const NORM_BINS = 40;
const EMPTY = { edges: [], counts: [] };

export function SaePlace() {
  const card = useApp((state) => state.card.data);
  const norms = card?.sae.decoderNorms ?? null;
  const bins = useMemo(() => (norms === null ? EMPTY : histogram(norms, NORM_BINS)), [norms]);
  const mean =
    norms === null || norms.length === 0
      ? null
      : norms.reduce((sum, n) => sum + n, 0) / norms.length;
  const total = count(norms?.length ?? 0);
  return (
    <>
      <header className="place-head">
        <h1 tabIndex={-1}>
          <Hostile text={card?.saeKey ?? "SAE"} />
        </h1>
        <p className="soft">
          {card === null
            ? "\u00a0"
            : `${card.provenance.sae.architecture}, ${count(card.provenance.sae.dSae)} features on ${card.provenance.sae.hook} of ${card.model.name}`}
        </p>
      </header>
      <div className="columns columns-sae">
        <div className="column">
          <Verify />
          {card?.hasSelfCheck === true && <SelfCheck />}
          <ScanPanel />
        </div>
        <div className="column">
          <DeadFeatures />
          <CorpusL0 />
          <CorpusPositions />
          <BarsFigure
            title="Decoder norms"
            histogram={bins}
            x="‖W_dec,i‖"
            y="features"
            caption={
              norms === null
                ? "\u00a0"
                : `‖W_dec,i‖ of all ${total} features, from the weights; mean ${number(mean)}.`
            }
            description={`Histogram of the decoder norms of ${total} features.`}
          />
        </div>
        <div className="column">
          <Configuration />
        </div>
      </div>
    </>
  );
}
