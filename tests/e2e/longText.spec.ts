// A text that is too long for a link: said on the page, left out of links, and there after a reload and on the way back.
// What the text box and the address bar make of a hostile text, link or pace.

import { expect as expectSoon, openFacet, type Page, settledStrip, test } from "./test.ts";

/** A megabyte takes a busy machine long to lay out, time and again. */
const PATIENCE = 120_000;
const expect = expectSoon.configure({ timeout: PATIENCE });

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

/** 1.1 MB: over what a link holds. */
const LONG = "the whale rose beneath the ship. ".repeat(34_000);

/** As typed, but at once: the browser's own editing takes minutes for megabytes on a busy machine. */
const put = (page: Page, text: string): Promise<void> =>
  page.evaluate((value) => {
    const box = document.querySelector<HTMLTextAreaElement>("#text-input");
    const native = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
    native?.set?.call(box, value);
    box?.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);

const boxHolds = async (page: Page, text: string): Promise<void> =>
  void (await page.waitForFunction(
    (wanted) => document.querySelector<HTMLTextAreaElement>("#text-input")?.value === wanted,
    text,
    { timeout: PATIENCE },
  ));

const fragment = (page: Page): Promise<string> => page.evaluate(() => location.hash.slice(1));

test("a text of megabytes is there after a reload and on the way back, and in no link", async ({
  page,
}) => {
  test.slow();
  await openFacet(page);
  await expect(page.getByTestId("text-too-long")).toHaveCount(0);
  await put(page, LONG);
  await expect(page.getByTestId("text-too-long")).toContainText("over a reload");
  await expect.poll(() => fragment(page)).toBe("left-out=text");
  await settledStrip(page);
  await expect(page.getByTestId("truncated")).toBeVisible();

  await page.reload();
  await boxHolds(page, LONG);
  await settledStrip(page);
  await expect(page.getByTestId("notices").getByText("came without")).toHaveCount(0);

  await page.getByTestId("switch-colour").locator("label", { hasText: "L0" }).click();
  await expect.poll(() => fragment(page)).toBe("left-out=text&colour=l0");
  await page.getByTestId("presets").getByRole("button").nth(1).click();
  await expect(page.getByTestId("text-too-long")).toHaveCount(0);
  await page.goBack();
  await boxHolds(page, LONG);
  await page.goBack();
  await expect.poll(() => fragment(page)).toBe("left-out=text");
  await page.reload();
  await boxHolds(page, LONG);
});

test("a copied link says what it cannot carry, and so does the page that it opens", async ({
  page,
  context,
}) => {
  test.slow();
  await openFacet(page, { feature: "21" });
  await put(page, LONG);
  await expect(page.getByTestId("text-too-long")).toBeVisible();
  await page.getByTestId("copy-link").click();
  await expect(page.getByText("Link copied without the view's text, too long")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(link).hash).toMatch(/^#(model-rev=\w+&sae-rev=\w+&)?left-out=text&feature=21$/);
  expect(await page.evaluate(() => window.facet.permalink())).toBe(link);

  const second = await context.newPage();
  await second.goto(link);
  await settledStrip(second);
  await expect(second.getByTestId("notices")).toContainText('The link came without its "text"');
});

test("a link of sixty thousand unknown fields is one notice", async ({ page }) => {
  const fields = Array.from({ length: 60_000 }, (_, n) => `x${n}=1`).join("&");
  await page.goto(`./#text=the+king&${fields}`);
  await settledStrip(page);
  const notices = page.getByTestId("notices").locator("li").filter({ hasText: "link" });
  await expect(notices).toHaveCount(1);
  await expect(notices).toContainText("60000 fields");
});

test("the text box runs as its text does, each paragraph for itself", async ({ page }) => {
  await openFacet(page, { text: "שלום world" });
  const box = page.getByTestId("text-input");
  await expect(box).toHaveAttribute("dir", "rtl");
  await expect(box).toHaveCSS("unicode-bidi", "plaintext");
  const strip = await settledStrip(page);
  await expect(strip.locator(".strip-line").first()).toHaveAttribute("dir", "rtl");
  await put(page, "world שלום");
  await expect(box).toHaveAttribute("dir", "ltr");
  // In Chromium its time grows with the square of the text.
  await put(page, "שלום ".repeat(5000));
  await expect(box).toHaveAttribute("dir", "rtl");
  await expect(box).toHaveCSS("unicode-bidi", "normal");
  expect(await page.locator('[dir="auto"]').count()).toBe(0);
});

test("a flood of views ends with the last one in the address bar", async ({ page }) => {
  // As Safari counts them.
  await page.addInitScript(() => {
    let times: number[] = [];
    for (const name of ["pushState", "replaceState"] as const) {
      const write = history[name].bind(history);
      history[name] = (state, unused, url) => {
        times = times.filter((time) => performance.now() - time < 10_000);
        if (times.length >= 100) throw new DOMException("more than 100 times", "SecurityError");
        times.push(performance.now());
        write(state, unused, url);
      };
    }
  });
  await openFacet(page, { colour: "l0" });
  await settledStrip(page);
  const label = (name: string) => `[data-testid="switch-colour"] label:has-text("${name}") input`;
  const [first, second] = [page.locator(label("L0")), page.locator(label("error"))];
  const inputs = [await second.elementHandle(), await first.elementHandle()];
  await page.evaluate((switches) => {
    for (let n = 0; n < 75; n++) for (const input of switches) (input as HTMLInputElement).click();
    (switches[0] as HTMLInputElement).click();
  }, inputs);
  await expect(page.getByTestId("legend")).toContainText("squared error");
  await expect.poll(() => fragment(page)).toBe("colour=error");
});
