// Runs suites in a page with Vitest's runner, and tells what became of each test.

import { startTests, type Task, type VitestRunner } from "@vitest/runner";
import { getSuites, getTestName, getTests } from "@vitest/runner/utils";

export interface Outcome {
  readonly name: string;
  /** null where it passed. */
  readonly error: string | null;
}

/** @param collect calls `describe` and `it` */
export async function runSuites(name: string, collect: () => unknown): Promise<Outcome[]> {
  const runner: VitestRunner = {
    config: {
      root: "/",
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: undefined,
      allowOnly: false,
      sequence: { seed: 1, hooks: "stack", setupFiles: "list" },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: 300_000,
      hookTimeout: 300_000,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
    importFile: collect,
  };
  const [file] = await startTests([name], runner);
  if (file === undefined) throw new Error(`${name} was not run.`);
  const tests = getTests(file).map((test) => ({
    name: getTestName(test),
    error: test.result?.state === "pass" ? null : messages(test) || "It did not run.",
  }));
  // Of what stands around the tests: collecting them, and hooks.
  const around = [file, ...getSuites(file)].map(messages).filter((error) => error !== "");
  return [...tests, ...around.map((error) => ({ name, error }))];
}

const messages = ({ result }: Task): string =>
  (result?.errors ?? []).map(({ message }) => message).join("\n");
