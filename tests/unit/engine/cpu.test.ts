// The last resort, plain JavaScript, against the tiny goldens and one preset of the bundled model.

import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import {
  demoGoldens,
  describeDemoGoldens,
  describeTinyGoldens,
} from "../../support/engineSuite.ts";

const start = () => createTfjsBackend("tfjs-cpu");
const preset = demoGoldens()[0]?.text;

describeTinyGoldens("tfjs-cpu", start);
describeDemoGoldens("tfjs-cpu", start, ({ text }) => text === preset);
