// What a browser offers, where its name throws, is null or is missing.

import { expect, it } from "vitest";
import { offered } from "../../../src/lib/offered.ts";

it("is what is there, and null where it is not", () => {
  const denied = {
    get storage(): string {
      throw new DOMException("The operation is insecure.", "SecurityError");
    },
  };
  expect(offered(() => "here")).toBe("here");
  expect(offered(() => undefined)).toBeNull();
  expect(offered(() => null)).toBeNull();
  expect(offered(() => denied.storage)).toBeNull();
});
