// Edits on the page: from a link, by keyboard, continued as text, and with values that no edit can have.

import { readFileSync } from "node:fs";
import type { Downstream } from "../../src/lib/interventions.ts";
import { DEFAULT_SAE } from "./goldens.ts";
import {
  expect,
  type Locator,
  openFacet,
  type Page,
  settledStrip,
  stripValues,
  test,
} from "./test.ts";

const LATE = "blocks.5.hook_resid_post";

const WHALE =
  "The whale rose beneath the ship, and Ahab shouted to his men to lower the boats into the sea.";

/** The file that a button of a part saves. */
async function saved(page: Page, part: Locator, name: string): Promise<unknown> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    part.getByRole("button", { name }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), "utf8")) as unknown;
}

test("a link's edit shows its effect, beside controls and as colour", async ({ page }) => {
  await openFacet(page, { text: WHALE, token: "21", edits: "1051_ablate_21", colour: "edit-kl" });
  await expect(page.getByTestId("edit-verdict")).toContainText("stands out from random directions");
  await expect(page.getByTestId("edit-verdict")).toContainText("+4.3");
  const first = page.getByTestId("next-tokens").locator("tbody tr").first();
  await expect(first).toContainText(/ats.*54\.5 %.*0\.27 %/);
  const values = await stripValues(page);
  expect(values[20]).toBe(0);
  expect(values[21]).toBeGreaterThan(1);
  await expect(page.getByTestId("legend")).toContainText("KL of the edits");
  const report = await page.evaluate(
    (text) =>
      window.facet.intervene(text, [{ feature: 1051, mode: "ablate", positions: [21] }], {
        position: 21,
      }),
    WHALE,
  );
  expect(report.schema).toBe("facet.intervention/1");
  expect(report.before.nextTokens).toHaveLength(20);
  expect(report.kl[21]).toBeCloseTo(values[21] ?? NaN, 3);
});

test("what an SAE downstream gains and loses stands by token, and goes with the report", async ({
  page,
}) => {
  const view = { text: WHALE, token: "21", edits: "1051_ablate_21" };
  await openFacet(page, view);
  const part = page.getByTestId("downstream");
  await expect(page.getByTestId("downstream-sae")).toHaveValue(LATE);
  await expect(page.getByTestId("downstream-summary")).toContainText(
    "6 tokens change at blocks.5.hook_resid_post: 59 features gained, 84 lost",
  );
  const rows = page.getByTestId("downstream-tokens").locator("tbody tr");
  await expect(rows).toHaveCount(6);
  await expect(rows.first()).toContainText(/21.*bo.*44.*68.*106 → 82/s);
  const changes = part.getByRole("region", { name: "Features of position 21" });
  await expect(changes.locator("ol").first()).toContainText(/531\s*0 → 8\.2/);

  const report = (await saved(
    page,
    page.getByTestId("edits"),
    "Save what the edits change as JSON",
  )) as {
    downstream: Downstream;
  };
  const script = await page.evaluate(
    ([text, downstream]) =>
      window.facet.intervene(text, [{ feature: 1051, mode: "ablate", positions: [21] }], {
        position: 21,
        downstream,
      }),
    [WHALE, LATE] as const,
  );
  expect(report).toEqual(script);
  expect(report.downstream.tokens[0]?.gained).toHaveLength(44);

  // Another token of the table is pinned.
  await rows.nth(1).getByRole("button").click();
  await expect(page).toHaveURL(/token=22/);
  await expect(part).toContainText("At ats, position 22");
  await expect(page.getByTestId("edit-effect")).toContainText("Next token after position 22");

  // The open SAE reads its own hook: the edited token alone, with labels and with pages of its features.
  await page.getByTestId("downstream-sae").selectOption(DEFAULT_SAE);
  await expect(page.getByTestId("downstream-summary")).toContainText("One token changes");
  await expect(page).toHaveURL(/downstream=blocks\.3\.hook_resid_post_fast_lr/);
  const own = part.getByRole("region", { name: "Features of position 21" });
  await expect(own).toContainText("54.6 → 0");
  await own.getByRole("link", { name: "1051" }).click();
  await expect(page.getByTestId("feature-number")).toHaveValue("1051");
  await expect(page.getByTestId("feature-edits")).toContainText("stands out from random");
});

test("a feature of the SAE downstream opens with that SAE, where the edits do not belong", async ({
  page,
}) => {
  await openFacet(page, { text: WHALE, edits: "1051_ablate_21" });
  await page.getByTestId("downstream").getByRole("link", { name: "531", exact: true }).click();
  await expect(page.getByTestId("feature-number")).toHaveValue("531");
  await expect(page.getByTestId("provenance")).toContainText(LATE);
  await expect(page).not.toHaveURL(/edits=/);
});

test("an SAE that cannot read the edited text is refused in words, and the page's choice reads", async ({
  page,
}) => {
  await openFacet(page, {
    text: WHALE,
    edits: "1051_ablate_21",
    downstream: "blocks.0.hook_resid_post",
  });
  const part = page.getByTestId("downstream");
  await expect(part.getByTestId("error")).toContainText("the same hook or a later one");
  await expect(page.getByTestId("edit-verdict")).toBeVisible();
  await part.getByTestId("remedy").click();
  await expect(page.getByTestId("downstream-summary")).toContainText("6 tokens change");
});

test("a pinned token has its next tokens without any edit, and any has them on request", async ({
  page,
}) => {
  await openFacet(page, { text: WHALE, token: "21" });
  const table = page.getByTestId("next-tokens");
  await expect(table.locator("thead")).toHaveText(/token\s*model\s*SAE in$/);
  await expect(table.locator("tbody tr").first()).toHaveText(/ats in the text\s*54\.5 %\s*45\.4 %/);
  await expect(page.getByTestId("actual-token")).toContainText(
    "number 1 of the model’s choices, 1 with the SAE spliced in.",
  );
  await page.getByTestId("token-strip").locator('[data-position="21"]').press("Escape");
  await expect(table).toHaveCount(0);
  await page.getByTestId("predict").click();
  await expect(page.getByTestId("edit-effect")).toBeFocused();
  await expect(page.getByTestId("edit-effect")).toContainText("Next token after position 26");
});

test("a feature is edited from its own page", async ({ page }) => {
  await openFacet(page, { place: "feature", feature: "1112", text: "The old man sat down" });
  await page.getByTestId("feature-edits").getByTestId("add-edit").click();
  await expect(page.getByTestId("edit-list")).toContainText("#1112 ablated, everywhere");
  await expect(page.getByTestId("edit-verdict")).toBeVisible();
  await page.getByRole("link", { name: "What that does to your text" }).click();
  await expect(page.getByTestId("legend")).toContainText("KL of the edits");
  await expect(page.getByTestId("next-tokens")).toBeVisible();
});

test("the README's findings open from its links", async ({ page }) => {
  const readme = readFileSync("README.md", "utf8");
  const links = [...readme.matchAll(/\(http:\/\/localhost:4173\/#([^)]*edits=[^)]*)\)/g)];
  expect(links).toHaveLength(3);
  const said = [
    "z = +4.3: stands out",
    "z = +9.7: stands out",
    "z = −0.6: random directions do as much",
  ];
  for (const [i, [, fragment = ""]] of links.entries()) {
    await openFacet(page, Object.fromEntries(new URLSearchParams(fragment)));
    await page.reload();
    await expect(page.getByTestId("edit-verdict")).toContainText(said[i] ?? "");
    await expect(page.getByTestId("notices")).not.toContainText("link");
  }
});

test("an edit is made, switched off and removed with the keyboard alone", async ({ page }) => {
  await openFacet(page, { feature: "1112" });
  await settledStrip(page);
  const modes = page.getByTestId("edit-mode");
  await modes.getByRole("radio", { name: "ablate" }).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0.75");
  await page.keyboard.press("Enter");
  const row = page.getByTestId("edit-list").locator("li");
  await expect(row).toContainText("#1112 steered by 0.750, everywhere");
  await expect(page).toHaveURL(/edits=1112_steer_0\.75_all/);
  await expect(page.getByTestId("edit-verdict")).toBeVisible();
  await row.getByRole("checkbox").focus();
  await page.keyboard.press("Space");
  await expect(page).toHaveURL(/edits=1112_steer_0\.75_all_off/);
  await expect(page.getByTestId("edit-verdict")).toHaveCount(0);
  await row.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(page).not.toHaveURL(/edits=/);
  await expect(page.getByTestId("add-edit")).toBeFocused();
});

test("what came of edits is reached and asked for with the keyboard alone", async ({ page }) => {
  await openFacet(page, { text: WHALE, edits: "1051_ablate_21*1051_ablate_22_off" });
  await expect(page.getByTestId("downstream-tokens")).toBeVisible();
  await page.getByTestId("downstream-sae").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/token=22/);
  await expect(
    page.getByTestId("downstream-tokens").getByRole("button", { pressed: true }),
  ).toBeFocused();
  await page.getByTestId("attribute").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("attribution")).toContainText("after position 22");
  await page.getByTestId("continuation").getByLabel("tokens", { exact: true }).focus();
  await page.keyboard.press("Enter");
  const use = page.getByRole("button", { name: "make it the text" });
  await use.last().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("generate")).toBeFocused();
  await page
    .getByRole("button", { name: /Remove the edit/ })
    .last()
    .focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /Remove the edit/ })).toBeFocused();
});

test("the text goes on with the edits and without, and can become the text", async ({ page }) => {
  const text = "The old man sat down by the river and";
  await openFacet(page, { text, edits: "1112_steer_0.5_from1" });
  const made = page.getByTestId("continuation");
  await page.getByTestId("generate").click();
  await expect(made).toContainText("the Pequod’s head");
  await expect(made).toContainText("the total of the last fiscal year, ending June 30, 1880");
  await made.getByRole("button", { name: "make it the text" }).first().click();
  await expect(page.getByTestId("text-input")).toHaveValue(/river and the Pequod’s head/);
});

test("a continuation streams, is stopped, and is the same again for its seed", async ({ page }) => {
  await openFacet(page, { text: "The old man sat down by the river and" });
  const part = page.getByTestId("continuation");
  const made = part.locator(".continued");
  const draw = async (fields: Record<string, string>): Promise<string> => {
    for (const [name, value] of Object.entries(fields)) {
      await part.getByLabel(name, { exact: true }).fill(value);
    }
    await page.getByTestId("generate").click();
    await expect(part.getByRole("button", { name: "make it the text" })).toBeVisible();
    return made.innerText();
  };
  const first = await draw({ tokens: "12", temperature: "1.2", "top-p": "0.9", seed: "5" });
  expect(await draw({ seed: "6" })).not.toBe(first);
  expect(await draw({ seed: "5" })).toBe(first);
  expect(await draw({ temperature: "0", "top-p": "1" })).toMatch(/^ ?the Pequod/);

  await part.getByLabel("tokens", { exact: true }).fill("400");
  await page.getByTestId("generate").click();
  await expect(made).toContainText("Pequod’s head, and the other side");
  await expect(page.getByTestId("generate")).toHaveText("Stop");
  await page.getByTestId("generate").click();
  await expect(page.getByTestId("generate")).toHaveText("Continue");
  await expect(part).toContainText(/\d+ tokens, stopped/);
  const report = await saved(page, part, "Save the continuation as JSON");
  expect(report).toMatchObject({
    schema: "facet.generation/1",
    maxTokens: 400,
    clean: { ended: "stopped" },
  });
  expect((report as { clean: { tokens: unknown[] } }).clean.tokens.length).toBeLessThan(400);
});

test("a token's features are ablated one by one, beside what they write directly", async ({
  page,
}) => {
  await openFacet(page, { text: WHALE, token: "21" });
  await page.getByTestId("attribute").click();
  const lists = page.getByTestId("attribution").locator("ol");
  await expect(lists.first().locator("li").first()).toContainText(/1051.*\+5\.3/);
  await expect(page.getByTestId("attribution")).toContainText("54.5 %, choice 1");
  await expect(lists.first().locator("li")).toHaveCount(8);
  await page.getByTestId("attribution").getByRole("button", { name: "show all 17" }).click();
  await expect(lists.first().locator("li")).toHaveCount(17);
  // Another next token is chosen in the table.
  await page.getByTestId("next-tokens").getByRole("button", { name: "x", exact: true }).click();
  await expect(page.getByTestId("attribution")).toContainText(
    /For x after position 21, at 12\.1 %, choice 2/,
  );
  const report = await saved(page, page.getByTestId("attribution"), "Save the attribution as JSON");
  expect(report).toMatchObject({ schema: "facet.attribution/1", position: 21 });
  await lists.last().getByRole("button").first().click();
  await expect(page).toHaveURL(/feature=\d+/);
});

test("edits that cannot be are brought back, left out or refused, in words", async ({ page }) => {
  await openFacet(page, { edits: "17_clamp_1e6_all" });
  await expect(page.getByTestId("notices")).toContainText("at most ±100000 is possible");
  await expect(page.getByTestId("edit-list")).toContainText("clamped to 100,000");
  await expect(page.getByTestId("edit-verdict")).toBeVisible();

  await openFacet(page, { edits: "17_clamp_NaN_all" });
  await expect(page.getByTestId("notices")).toContainText("edits");
  await expect(page.getByTestId("edit-list")).toHaveCount(0);

  await openFacet(page, { edits: "17_ablate_900" });
  await expect(page.getByTestId("edits").getByTestId("error")).toContainText("position 900");
  await expect(page.getByTestId("edits").getByTestId("error")).toContainText("cannot be made");
  await openFacet(page, { edits: "99999_ablate_all" });
  await expect(page.getByTestId("edits").getByTestId("error")).toContainText("0 to 2047");
});
