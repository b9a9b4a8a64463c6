// For `toThrow`: a FacetError of this code whose message matches. A RangeError or TypeError does not pass.

import { expect } from "vitest";
import type { ErrorCode } from "../../../src/lib/errors.ts";

export function facetError(code: ErrorCode, message: RegExp): Error {
  const error: Error = expect.objectContaining({
    name: "FacetError",
    code,
    message: expect.stringMatching(message),
  });
  return error;
}
