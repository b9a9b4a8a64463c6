// Edits on the page: from a link, by keyboard, continued as text, and with values that no edit can have.

import { expect, openFacet, settledStrip, stripValues, test } from "./test.ts";

const WHALE =
  "The whale rose beneath the ship, and Ahab shouted to his men to lower the boats into the sea.";

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

test("a token's features are ablated one by one, beside what they write directly", async ({
  page,
}) => {
  await openFacet(page, { text: WHALE, token: "21" });
  await page.getByTestId("attribute").click();
  const lists = page.getByTestId("attribution").locator("ol");
  await expect(lists.first().locator("li").first()).toContainText(/1051.*\+5\.3/);
  await expect(page.getByTestId("attribution")).toContainText("54.5 %, choice 1");
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
  await openFacet(page, { edits: "99999_ablate_all" });
  await expect(page.getByTestId("edits").getByTestId("error")).toContainText("0 to 2047");
});
