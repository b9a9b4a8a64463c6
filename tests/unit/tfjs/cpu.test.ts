// tfjs-cpu against the float64 references.

import { describeBackend } from "../../reference/conformance.ts";
import { makeCpu } from "./backends.ts";

describeBackend("tfjs-cpu", makeCpu);
