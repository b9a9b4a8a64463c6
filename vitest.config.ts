// Vitest's projects. `unit`: pure code in Node, without network. `hub`: the Hub's client against a hub of our own.
// `gpu`: kernels and the engine on Dawn (npm `webgpu`) and on tfjs, one process, one file at a time. `full`: what takes
// minutes (`npm run test:full`). `engines`: the built page in Firefox and WebKit. Browser tests are Playwright's (playwright.config.ts).

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // A suite that finds no files, or a test left on `.only`, is a mistake and not a pass.
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "node",
          include: ["tests/unit/**/*.test.{ts,tsx}"],
          setupFiles: ["tests/unit/noNetwork.ts"],
          testTimeout: 60_000,
        },
      },
      {
        // The Hub's client and cache against the test hub, on this machine's loopback.
        extends: true,
        test: {
          name: "hub",
          environment: "node",
          include: ["tests/hub/**/*.test.ts"],
          setupFiles: ["tests/unit/noNetwork.ts"],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "full",
          environment: "node",
          include: ["tests/full/**/*.test.ts"],
          setupFiles: ["tests/unit/noNetwork.ts"],
          testTimeout: 1_800_000,
        },
      },
      {
        extends: true,
        test: {
          name: "gpu",
          environment: "node",
          include: ["tests/gpu/**/*.test.ts"],
          globalSetup: ["tests/gpu/softwareVulkan.ts"],
          pool: "forks",
          // One process for all files, kept between them: one GPU device, two cores.
          isolate: false,
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: "engines",
          environment: "node",
          include: ["tests/engines/**/*.test.ts"],
          globalSetup: ["tests/engines/setup.ts"],
          // Two cores and a GPU in software: one browser at a time.
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
