// The page: header, the place on show, the line of provenance. It is given a store and reads nothing else.

import { Suspense, useEffect, useState } from "react";
import type { AppStore } from "../state/actions.ts";
import type { Place } from "../state/view.ts";
import { FeaturePlace } from "./feature/FeaturePlace.tsx";
import { StoreContext, useApp } from "./shared/app.ts";
import { ErrorPanel } from "./errors/ErrorPanel.tsx";
import { createHover, HoverContext, NO_HOVER } from "./shared/hover.ts";
import { later } from "./shared/later.tsx";
import { SourcePanelContext } from "./shared/sourcePanel.ts";
import { EmbedBar } from "./shell/EmbedBar.tsx";
import { Guard } from "./shell/Guard.tsx";
import { Header } from "./shell/Header.tsx";
import { PageKeys } from "./shell/PageKeys.tsx";
import { QuestionPanel } from "./shell/QuestionPanel.tsx";
import { Status } from "./shell/Status.tsx";
import { useDocumentCard } from "./shell/useDocumentCard.ts";
import { SourcePanel } from "./sources/SourcePanel.tsx";
import { useSources } from "./sources/useSources.ts";
import { TextPlace } from "./text/TextPlace.tsx";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/share.css";
import "./styles/tokens.css";
import "./styles/lists.css";
import "./styles/figures.css";
import "./styles/sae.css";
import "./styles/sources.css";
import { useAnalysis } from "./shared/result.ts";
import { analysis } from "../state/queries.ts";

export function App({ store }: { store: AppStore }) {
  const [hover] = useState(createHover);
  useEffect(() => {
    let seen = [store.results.read(analysis).data, store.getState().view.place];
    const follow = (): void => {
      const now = [store.results.read(analysis).data, store.getState().view.place];
      // A preview belongs to what was under the pointer; when that is gone, so is the preview.
      if (now.some((part, i) => part !== seen[i])) hover.setState(NO_HOVER);
      seen = now;
    };
    const left = [store.subscribe(follow), store.results.client.getQueryCache().subscribe(follow)];
    return () => left.forEach((leave) => leave());
  }, [store, hover]);
  return (
    <StoreContext value={store}>
      <HoverContext value={hover}>
        <Page />
      </HoverContext>
    </StoreContext>
  );
}

const FindPlace = later(async () => (await import("./find/FindPlace.tsx")).FindPlace);

const ComparePlace = later(async () => (await import("./compare/ComparePlace.tsx")).ComparePlace);

const SaePlace = later(async () => (await import("./sae/SaePlace.tsx")).SaePlace);

const PLACES: Record<Place, React.ComponentType> = {
  text: TextPlace,
  feature: FeaturePlace,
  find: FindPlace,
  sae: SaePlace,
  compare: ComparePlace,
};

const STOPPED = { code: "Cancelled", message: "No model is open.", cause: null } as const;

function Page() {
  const place = useApp((state) => state.view.place);
  const embed = useApp((state) => state.view.embed);
  const refused = useApp((state) => state.refused);
  // Nothing is open and nothing on its way: the first opening was stopped.
  const stopped = useApp(({ card, refused: failed }) => !card.data && !card.running && !failed);
  const waiting = useAnalysis().data === null;
  const sources = useSources();
  useDocumentCard();
  const Place = PLACES[place];
  return (
    <SourcePanelContext value={sources.show}>
      <PageKeys />
      {embed ? (
        <EmbedBar />
      ) : (
        <Header panelIsOpen={sources.form !== null} onClosePanel={sources.close} />
      )}
      {sources.form !== null && !embed && (
        <Guard>
          <SourcePanel form={sources.form} sources={sources} />
        </Guard>
      )}
      {sources.dragging && (
        <p className="drop-hint">
          Drop a model&rsquo;s or an SAE&rsquo;s folder: it is read here, nothing is uploaded.
        </p>
      )}
      <main className="main" data-place={place} data-waiting={waiting || undefined}>
        <QuestionPanel />
        {refused !== null && <ErrorPanel error={refused.error} asked={refused.asked} />}
        {stopped && <ErrorPanel error={STOPPED} />}
        <Guard key={place}>
          <Suspense fallback={null}>
            <Place />
          </Suspense>
        </Guard>
      </main>
      <Status />
    </SourcePanelContext>
  );
}
