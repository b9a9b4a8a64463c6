// What the suites of tests/support import from "vitest", in a page: its runner's own functions and its assertions.

import * as chai from "chai";
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

export const { expect } = chai;
export { afterAll, beforeAll, describe, it } from "@vitest/runner";
