// A component whose code is fetched when it is first drawn. React's `lazy` keeps a failed fetch for the life of the page;
// here it is tried again, a few times by itself and then with each new try at drawing (Guard offers one). Chromium fetches
// a module that failed anew when `import()` is called again (tests/e2e/code.spec.ts); in a browser that keeps the failure,
// a reload helps.

import { type ComponentType, createContext, lazy, useContext } from "react";
import { describe, FacetError } from "../../lib/errors.ts";

/** Which try at drawing this is, counted over the whole page. Within one, what failed stays failed, or React would loop. */
export const DrawingContext = createContext(0);

let drawings = 0;
export const nextDrawing = (): number => ++drawings;

/** Before the second and the third try. */
const WAITS_MS = [300, 1500];

/** @param load must call `import()` each time. */
export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms)),
): ComponentType<P> {
  let failedIn: number | null = null;
  let drawnIn = 0;
  let Part = start();

  function start(): React.LazyExoticComponent<ComponentType<P>> {
    return lazy(async () => {
      try {
        return { default: await tried(load, wait) };
      } catch (error) {
        failedIn = drawnIn;
        throw new FacetError(
          "Network",
          `Fetching the code of this view: it could not be fetched (${describe(error)}). Check the connection and draw it again; if it stays, reload the page, whose link brings everything back.`,
          error,
        );
      }
    });
  }

  return function Later(props: P) {
    const drawing = useContext(DrawingContext);
    if (failedIn !== null && failedIn !== drawing) {
      failedIn = null;
      Part = start();
    }
    drawnIn = drawing;
    return <Part {...props} />;
  };
}

async function tried<T>(load: () => Promise<T>, wait: (ms: number) => Promise<void>): Promise<T> {
  for (const ms of WAITS_MS) {
    try {
      return await load();
    } catch {
      // A blip of the network; the last try's failure is told.
      await wait(ms);
    }
  }
  return load();
}
