// The benchmark's page: starts a worker for each contender when a driver (tests/bench/jobs.mjs, operations.mjs, edits.mjs) asks
// for one. It measures nothing.

/** Resolves when what the new worker shows can be called. */
export type StartContender = (kind: "jobs" | "operations" | "edits") => Promise<void>;

declare global {
  interface Window {
    startContender: StartContender;
  }
}

const STARTERS = {
  jobs: () => new Worker(new URL("./jobsWorker.ts", import.meta.url), { type: "module" }),
  operations: () =>
    new Worker(new URL("./operationWorker.ts", import.meta.url), { type: "module" }),
  edits: () => new Worker(new URL("./edits.ts", import.meta.url), { type: "module" }),
};
const workers: Worker[] = [];

window.startContender = (kind) =>
  new Promise((resolve, reject) => {
    const worker = STARTERS[kind]();
    workers.push(worker);
    worker.addEventListener("message", () => resolve(), { once: true });
    worker.addEventListener("error", ({ message }) => reject(new Error(message)), { once: true });
  });
