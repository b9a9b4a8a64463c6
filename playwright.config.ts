// Browser tests: the built page in Chromium, served as `npm start` serves it, from a sub-path as some hosts do.
// Two projects: `webgpu` with a software adapter, `no-adapter` with none.

import { defineConfig } from "@playwright/test";
import { ensureBrowser } from "./scripts/browser.mjs";

const PORT = 4179;
const BASE = "/some/sub/path/";

/** Nothing that reaches the network by itself; no sandbox, because containers have none to give. */
const QUIET = [
  "--headless=new",
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];
const SOFTWARE_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const NO_WEBGPU = ["--disable-features=WebGPU,WebGPUService"];

const executablePath = ensureBrowser();

export default defineConfig({
  testDir: "tests/e2e",
  // Two cores and a GPU in software: one browser at a time.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  outputDir: "test-results",
  reporter: "list",
  use: { baseURL: `http://localhost:${PORT}${BASE}`, trace: "retain-on-failure" },
  projects: [
    {
      name: "webgpu",
      testIgnore: "noAdapter/**",
      use: { launchOptions: { executablePath, args: [...QUIET, ...SOFTWARE_WEBGPU] } },
    },
    {
      name: "no-adapter",
      testMatch: "noAdapter/**/*.spec.ts",
      use: { launchOptions: { executablePath, args: [...QUIET, ...NO_WEBGPU] } },
    },
  ],
  webServer: {
    command: `node scripts/start.mjs --no-build --port ${PORT} --base ${BASE}`,
    url: `http://localhost:${PORT}${BASE}`,
    reuseExistingServer: false,
  },
});
