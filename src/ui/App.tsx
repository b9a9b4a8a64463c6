// The page: header, the place on show, the line of provenance. It is given a store and reads nothing else.

import { useEffect, useState } from "react";
import type { Analysis } from "../lib/report.ts";
import type { AppStore } from "../state/store.ts";
import type { Place } from "../state/view.ts";
import { FeaturePlace } from "./feature/FeaturePlace.tsx";
import { SaePlace } from "./sae/SaePlace.tsx";
import { StoreContext, useApp } from "./shared/app.ts";
import { ErrorPanel } from "./shared/ErrorPanel.tsx";
import { createHover, HoverContext, NO_HOVER } from "./shared/hover.ts";
import { addMaxima, createMaxima, MaximaContext } from "./shared/maxima.ts";
import { Guard } from "./shell/Guard.tsx";
import { Header } from "./shell/Header.tsx";
import { QuestionPanel } from "./shell/QuestionPanel.tsx";
import { PageKeys } from "./shell/PageKeys.tsx";
import { Status } from "./shell/Status.tsx";
import { TextPlace } from "./text/TextPlace.tsx";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/tokens.css";
import "./styles/lists.css";
import "./styles/figures.css";
import "./styles/sae.css";

export function App({ store }: { store: AppStore }) {
  const [hover] = useState(createHover);
  const [maxima] = useState(createMaxima);
  useEffect(() => {
    let seen: Analysis | null = null;
    let shown = store.getState().view.place;
    const follow = (): void => {
      const { analysis, view } = store.getState();
      if (analysis.data === seen && view.place === shown) return;
      if (analysis.data !== null && analysis.data !== seen)
        maxima.setState(addMaxima(maxima.getState(), analysis.data));
      // A preview belongs to what was under the pointer; when that is gone, so is the preview.
      hover.setState(NO_HOVER);
      seen = analysis.data;
      shown = view.place;
    };
    follow();
    return store.subscribe(follow);
  }, [store, maxima, hover]);
  return (
    <StoreContext value={store}>
      <HoverContext value={hover}>
        <MaximaContext value={maxima}>
          <Page />
        </MaximaContext>
      </HoverContext>
    </StoreContext>
  );
}

const PLACES: Record<Place, () => React.ReactNode> = {
  text: TextPlace,
  feature: FeaturePlace,
  sae: SaePlace,
};

function Page() {
  const place = useApp((state) => state.view.place);
  const failure = useApp((state) => state.card.error);
  const waiting = useApp((state) => state.analysis.data === null);
  const Place = PLACES[place];
  return (
    <>
      <PageKeys />
      <Header />
      <main className="main" data-place={place} data-waiting={waiting || undefined}>
        <QuestionPanel />
        {failure !== null && <ErrorPanel error={failure} />}
        <Guard key={place}>
          <Place />
        </Guard>
      </main>
      <Status />
    </>
  );
}
