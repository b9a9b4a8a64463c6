// The benchmark's page: starts a worker for each contender when the driver (tests/bench/engine.mjs) asks for one. It
// measures nothing.

/** Resolves when the new worker's `bench` can be called. */
export type StartContender = () => Promise<void>;

declare global {
  interface Window {
    startContender: StartContender;
  }
}

const workers: Worker[] = [];

window.startContender = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    workers.push(worker);
    worker.addEventListener("message", () => resolve(), { once: true });
    worker.addEventListener("error", ({ message }) => reject(new Error(message)), { once: true });
  });
