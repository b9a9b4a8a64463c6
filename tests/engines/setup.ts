// Before the first browser: installs what is missing, which takes longer than a test may.

import { installEngines } from "../../scripts/engines.mjs";

export default function setup(): void {
  installEngines();
}
