// The page: header, the place on show, the line of provenance. It is given a store and reads nothing else.

import { useEffect, useState } from "react";
import type { AppStore } from "../state/store.ts";
import type { Place } from "../state/view.ts";
import { FeaturePlace } from "./feature/FeaturePlace.tsx";
import { SaePlace } from "./sae/SaePlace.tsx";
import { StoreContext, useApp } from "./shared/app.ts";
import { createHover, HoverContext, useHoverStore } from "./shared/hover.ts";
import { addMaxima, createMaxima, MaximaContext } from "./shared/maxima.ts";
import { Header } from "./shell/Header.tsx";
import { PageKeys } from "./shell/PageKeys.tsx";
import { ProvenanceLine } from "./shell/ProvenanceLine.tsx";
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
    let last = store.getState().analysis.data;
    const see = (): void => {
      const { data } = store.getState().analysis;
      if (data !== null && data !== last) maxima.setState(addMaxima(maxima.getState(), data));
      last = data;
    };
    if (last !== null) maxima.setState(addMaxima(maxima.getState(), last));
    return store.subscribe(see);
  }, [store, maxima]);
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

const PLACES: Record<Place, () => React.ReactNode> = { text: TextPlace, feature: FeaturePlace, sae: SaePlace };

function Page() {
  const place = useApp((state) => state.view.place);
  const analysis = useApp((state) => state.analysis.data);
  const hover = useHoverStore();
  // A preview belongs to what was under the pointer; when that is gone, so is the preview.
  useEffect(() => hover.setState({ token: null, feature: null, marked: null }), [hover, place, analysis]);
  const Place = PLACES[place];
  return (
    <>
      <PageKeys />
      <Header />
      <Status />
      <main className="main" data-place={place}>
        <Place />
      </main>
      <ProvenanceLine />
    </>
  );
}
