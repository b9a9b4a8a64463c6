// A reader without a mouse: Tab until something has the focus, and every stop on the way is to be seen.

import type { Locator } from "@playwright/test";
import { expect, type Page } from "./test.ts";

/** What is wrong with how the focus shows itself; null where nothing is. */
const unseen = (page: Page): Promise<string | null> =>
  page.evaluate(() => {
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || focused === document.body)
      return "nothing has the focus";
    const name = `${focused.tagName.toLowerCase()} ${focused.dataset["testid"] ?? focused.ariaLabel ?? focused.textContent.slice(0, 30)}`;
    // The mark of a token is on its ink, that of a switch on the label around its radio button.
    const marked = [focused, focused.parentElement, ...focused.children].find((element) => {
      if (element === null) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
    });
    if (marked === null || marked === undefined) return `${name} has the focus without a mark`;
    const box = (marked.getClientRects()[0] ?? marked.getBoundingClientRect()).toJSON() as DOMRect;
    if (box.width < 3 || box.height < 3) return `${name} has the focus and no size`;
    const [left, top] = [Math.max(0, box.left), Math.max(0, box.top)];
    const [right, bottom] = [Math.min(innerWidth, box.right), Math.min(innerHeight, box.bottom)];
    if (right <= left || bottom <= top) return `${name} has the focus outside of the window`;
    const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const covered = over === null || !(over.contains(marked) || marked.contains(over));
    return covered ? `${name} has the focus under something else` : null;
  });

export async function expectSeen(page: Page): Promise<void> {
  await expect.poll(() => unseen(page)).toBeNull();
}

/** Far more stops than any place has. */
const MOST = 150;

/** Presses Tab (or Shift+Tab) until `target` has the focus. */
export async function tabTo(
  page: Page,
  target: Locator,
  key: "Tab" | "Shift+Tab" = "Tab",
): Promise<void> {
  for (let presses = 0; presses < MOST; presses++) {
    await page.keyboard.press(key);
    await expectSeen(page);
    const there = await target.evaluateAll(
      (elements) =>
        document.activeElement !== null && elements.includes(document.activeElement as HTMLElement),
    );
    if (there) return;
  }
  throw new Error(`${key} does not lead to ${String(target)}`);
}
