// The version that stands in every report.

import { version } from "../../package.json";

export const VERSION: string = version;
