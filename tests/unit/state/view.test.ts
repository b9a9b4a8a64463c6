// What goes over to another SAE or model, and what stays behind.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { belongings, DEFAULT_VIEW, moved, type View } from "../../../src/state/view.ts";
import { anyView } from "../../support/views.ts";

const OF_SAE = ["feature", "list", "listName", "edits", "downstream", "scan"] as const;
const OF_MODEL = ["promotes", "otherSae", "otherRevision"] as const;

const pick = (view: View, fields: readonly (keyof View)[]): unknown =>
  Object.fromEntries(fields.map((field) => [field, view[field]]));

const { belonging, others } = {
  belonging: [...OF_SAE, ...OF_MODEL],
  others: (Object.keys(DEFAULT_VIEW) as (keyof View)[]).filter(
    (field) => ![...OF_SAE, ...OF_MODEL, "saeRevision", "modelRevision"].includes(field),
  ),
};

describe("a change of the view", () => {
  it("keeps everything but what it changes, where the SAE stays", () => {
    fc.assert(
      fc.property(anyView, anyView, (before, { text, mask, feature, token }) => {
        const patch = { text, mask, feature, token };
        expect(moved(before, patch)).toEqual({ view: { ...before, ...patch }, left: [] });
      }),
    );
  });

  it("of the SAE leaves what was of the other's features, and keeps what is of the model", () => {
    fc.assert(
      fc.property(anyView, (before) => {
        const { view, left } = moved(before, { sae: "another" });
        expect(pick(view, OF_SAE)).toEqual(pick(DEFAULT_VIEW, OF_SAE));
        expect(view).toMatchObject({ sae: "another", saeRevision: null });
        expect(pick(view, [...OF_MODEL, "modelRevision"])).toEqual(
          pick(before, [...OF_MODEL, "modelRevision"]),
        );
        expect(
          pick(
            view,
            others.filter((field) => field !== "sae"),
          ),
        ).toEqual(
          pick(
            before,
            others.filter((field) => field !== "sae"),
          ),
        );
        expect(left).toEqual(
          (["list", "edits"] as const).filter((field) => before[field].length > 0),
        );
      }),
    );
  });

  it.each<Partial<View>>([{ model: "another" }, { endpoint: "https://another.example" }])(
    "of the model or the hub leaves what was of either (%o)",
    (patch) => {
      fc.assert(
        fc.property(anyView, (before) => {
          const { view } = moved(before, patch);
          expect(belongings(view)).toEqual(belongings(DEFAULT_VIEW));
          expect(view).toMatchObject({ modelRevision: null, saeRevision: null, ...patch });
        }),
      );
    },
  );

  it("may bring its own features, list and edits, and then leaves none in silence", () => {
    fc.assert(
      fc.property(anyView, anyView, (before, after) => {
        const { view, left } = moved(before, after);
        expect(view).toEqual(after);
        expect(left).toEqual([]);
      }),
    );
  });

  it("of the SAE to compare with leaves the other's revision", () => {
    const before: View = { ...DEFAULT_VIEW, otherSae: "a/b", otherRevision: "r1" };
    expect(moved(before, { otherSae: "a/c" }).view.otherRevision).toBeNull();
    expect(moved(before, { otherPrecision: "int8" }).view.otherRevision).toBe("r1");
  });

  it("knows which fields are of the SAE or the model", () => {
    expect(Object.keys(belongings(DEFAULT_VIEW)).toSorted()).toEqual(belonging.toSorted());
  });
});
