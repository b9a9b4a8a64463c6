// Browser tests: the built page in Chromium, served as `npm start` serves it, from a sub-path as some hosts do.
// Two projects: `webgpu` with a software adapter, `no-adapter` with none.

import { defineConfig } from "@playwright/test";
import { BROWSER_ARGS, ensureBrowser } from "./scripts/browser.mjs";

const PORT = Number(process.env["FACET_E2E_PORT"] ?? 4179);
const BASE = "/some/sub/path/";

const { quiet, softwareWebGpu, noWebGpu } = BROWSER_ARGS;
const executablePath = ensureBrowser();

export default defineConfig({
  testDir: "tests/e2e",
  // Two cores and a GPU in software: one browser at a time.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  // What takes minutes is tagged, and runs in `npm run test:full` alone.
  ...(process.env["FACET_FULL"] === undefined ? { grepInvert: /@full/ } : {}),
  timeout: 120_000,
  expect: { timeout: 30_000 },
  outputDir: "test-results",
  reporter: "list",
  use: {
    baseURL: `http://localhost:${PORT}${BASE}`,
    screenshot: "only-on-failure",
    serviceWorkers: "block",
  },
  projects: [
    {
      name: "webgpu",
      testIgnore: "noAdapter/**",
      use: { launchOptions: { executablePath, args: [...quiet, ...softwareWebGpu] } },
    },
    {
      name: "no-adapter",
      testMatch: "noAdapter/**/*.spec.ts",
      use: { launchOptions: { executablePath, args: [...quiet, ...noWebGpu] } },
    },
  ],
  webServer: {
    command: `node scripts/start.mjs --no-build --port ${PORT} --base ${BASE}`,
    url: `http://localhost:${PORT}${BASE}`,
    reuseExistingServer: false,
  },
});
