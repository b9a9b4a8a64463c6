// The Text place: the text, its strongest features, and the chosen feature beside them.

import { FeatureCard } from "./FeatureCard.tsx";
import { L0Figures } from "./L0Figures.tsx";
import { MaskSwitch } from "../shared/MaskSwitch.tsx";
import { TextBox } from "./TextBox.tsx";
import { TextFeatures } from "./TextFeatures.tsx";
import { TextView } from "./TextView.tsx";
import { TokenPanel } from "./TokenPanel.tsx";
import { Toolbar } from "./Toolbar.tsx";

export function TextPlace() {
  return (
    <div className="columns columns-text">
      <h1 className="visually-hidden">Your text and the features that fire on it</h1>
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
      </div>
    </div>
  );
}
