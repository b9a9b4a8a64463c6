// The Text place: the text, its strongest features, and the chosen feature beside them.

import { Suspense, useDeferredValue } from "react";
import { useAnalysis } from "../shared/result.ts";
import { FeatureCard } from "./FeatureCard.tsx";
import { L0Figures } from "./L0Figures.tsx";
import { later } from "../shared/later.tsx";
import { MaskSwitch } from "../shared/MaskSwitch.tsx";
import { TextBox } from "./TextBox.tsx";
import { TextFeatures } from "./TextFeatures.tsx";
import { TextView } from "./TextView.tsx";
import { TokenPanel } from "./TokenPanel.tsx";
import { Toolbar } from "./Toolbar.tsx";

// Fetched once the tokens are coloured.
const EditsPanel = later(async () => (await import("../edits/EditsPanel.tsx")).EditsPanel);

export function TextPlace() {
  const analysed = useDeferredValue(useAnalysis().data !== null);
  return (
    <div className="columns columns-text">
      <h1 className="visually-hidden" tabIndex={-1}>
        Your text and the features that fire on it
      </h1>
      <div className="column">
        <TextBox />
        <Toolbar />
        <TextView />
        <div className="figures-head">
          <h2 className="visually-hidden">How many features fire</h2>
          <MaskSwitch />
        </div>
        <L0Figures />
      </div>
      <div className="column">
        <TokenPanel />
        <TextFeatures />
      </div>
      <div className="column">
        <FeatureCard />
        <Suspense fallback={null}>{analysed && <EditsPanel />}</Suspense>
      </div>
    </div>
  );
}
