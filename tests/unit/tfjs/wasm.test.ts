// tfjs-wasm against the float64 references.

import { describeBackend } from "../../reference/conformance.ts";
import { makeWasm } from "./backends.ts";

describeBackend("tfjs-wasm", makeWasm);
