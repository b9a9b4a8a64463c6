// From the page's state to the code: of what is on show, and only while it is what the view says.

import { expect, test } from "vitest";
import type { Edit } from "../../../src/lib/edits.ts";
import { DEFAULT_VIEW, type View } from "../../../src/state/view.ts";
import { saelensCode } from "../../../src/export/saelens/code.ts";
import { codeRequest } from "../../../src/ui/shell/saelensCode.ts";
import { saeCase, sideOf } from "../../support/saelensCases.ts";

type Shown = Parameters<typeof codeRequest>[0];

const hasCode = (of: Shown): boolean => codeRequest(of) !== null;
function shownCode(of: Shown): string | null {
  const request = codeRequest(of);
  return request && saelensCode(request);
}

const { provenance, run } = sideOf("sae/gated", null);
const slot = (data: unknown, more = {}): unknown => ({
  data,
  stale: false,
  running: false,
  progress: null,
  error: null,
  ...more,
});
const tokens = saeCase("gated").ids.map((id) => ({ id, special: id === 2 }));

const shown = (view: Partial<View>, analysis: unknown = slot({ tokens })): Shown =>
  ({
    view: { ...DEFAULT_VIEW, ...view },
    card: slot({ provenance, saeRun: run }),
    analysis,
    comparison: slot({ sides: [{}, { analysis: provenance, saeRun: run }] }),
  }) as unknown as Shown;

test("each place has code of its own, for the same ids", () => {
  const list = [{ feature: 5, note: "" }];
  const codes = (["text", "feature", "sae", "find", "compare"] as const).map((place) =>
    shownCode(shown({ place, feature: 7, list })),
  );
  expect(new Set(codes).size).toBe(5);
  for (const code of codes) expect(code).toContain(`ids = torch.tensor([[2, 91, 92, 284,`);
  expect(codes[4]).toContain("other_sae = SAE.load_from_disk");
});

test("edits that are off are left out", () => {
  const edit: Edit = { feature: 17, mode: "ablate", positions: "all" };
  expect(shownCode(shown({ edits: [{ ...edit, on: true }] }))).toContain("features = [17]");
  expect(shownCode(shown({ edits: [{ ...edit, on: false }] }))).not.toContain("features");
});

test("units, the mask, the pinned token and the hub are the view's", () => {
  const code = shownCode(
    shown({ feature: 7, units: "raw", mask: "all", token: 3, endpoint: "https://hub.example.com" }),
  );
  expect(code).toContain('print("feature 7, raw"');
  expect(code).toContain("counted = torch.tensor([1, 1,");
  expect(code).toContain("next tokens behind position 3");
  expect(code).toContain('endpoint="https://hub.example.com"');
  expect(shownCode(shown({ token: 999 }))).not.toContain("next tokens");
});

test.each([
  ["the text is not run yet", slot(null, { running: true })],
  ["the numbers are of another text", slot({ tokens }, { stale: true })],
  ["nothing was asked yet", slot(null)],
])("there is none while %s", (_why, analysis) => {
  expect(hasCode(shown({}, analysis))).toBe(false);
  expect(shownCode(shown({}, analysis))).toBeNull();
});

test("a text that could not be run leaves the parts that need none", () => {
  const failed = slot(null, { error: { code: "NoTokenizer", message: "" } });
  expect(shownCode(shown({ place: "feature", feature: 7 }, failed))).toContain("sae.W_dec[7]");
});
