// Where the keyboard goes when what it was on is no longer there: a link that led to another place, a row of a table.

/** Frames that a place may take to be loaded and drawn. */
const PATIENCE = 120;

/** Something is drawn with its place, which may have to be loaded first. */
export function focusOnceThere(selector: string, frames = PATIENCE): void {
  requestAnimationFrame(() => {
    const found = document.querySelector<HTMLElement>(selector);
    if (found !== null) found.focus();
    else if (frames > 0) focusOnceThere(selector, frames - 1);
  });
}

/** To the heading of the place that is shown next: Tab goes on from there. */
export const focusHeading = (): void => focusOnceThere("main h1");
