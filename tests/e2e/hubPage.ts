// What the browser tests of hubs share: a hub that serves what the page bundles, and the way through the source panel.

import { join } from "node:path";
import { startTestHub, type TestHub } from "../hub/server.ts";
import { DEFAULT_SAE } from "./goldens.ts";
import { expect, type Page } from "./test.ts";

const DEMO = join(import.meta.dirname, "../../public/demo");

export const MODEL = "someone/demo-model";
export const GATED = "someone/gated-model";
export const SAES = "someone/demo-saes";
/** The SAE that a plain visit opens, as the hub has it. */
export const SAE = `${SAES}/${DEFAULT_SAE}`;

export const TOKEN = "hf_tokenOfSomeoneWhoMayRead";

export const startDemoHub = (): Promise<TestHub> =>
  startTestHub({
    repos: {
      [MODEL]: join(DEMO, "model"),
      [GATED]: { files: join(DEMO, "model"), gated: true },
      [SAES]: join(DEMO, "sae"),
    },
    readers: [TOKEN],
  });

interface Typed {
  readonly model?: string;
  readonly sae?: string;
  readonly endpoint?: string;
}

/** Types into the source panel and presses Open. */
export async function openSources(page: Page, { model, sae, endpoint }: Typed): Promise<void> {
  await page.getByTestId("sources").click();
  if (model !== undefined) await page.getByTestId("source-model-text").fill(model);
  if (sae !== undefined) await page.getByTestId("source-sae-text").fill(sae);
  if (endpoint !== undefined) await page.getByTestId("source-endpoint").fill(endpoint);
  await page.getByTestId("source-open").click();
  await expect(page.getByTestId("source-panel")).toBeHidden();
}

/** Until the model and the SAE of the hub are open and the text is coloured by them. */
export async function openedFrom(page: Page, model: string): Promise<void> {
  await expect(page.getByTestId("provenance")).toContainText(`${model} @`);
  await expect(page.getByTestId("error")).toHaveCount(0);
}

/** A hub's refusals are seen in the console; nothing else may be. */
export function expectOnlyRefusals(complaints: string[], hub: TestHub): void {
  const others = complaints.filter(
    (text) => !(text.includes("Failed to load resource") && text.includes(hub.endpoint)),
  );
  expect(others).toEqual([]);
  complaints.length = 0;
}
