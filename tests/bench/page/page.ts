// The benchmark's page: starts a worker for each contender when the driver (tests/bench/engine.mjs) asks for one. It
// measures nothing.

declare global {
  interface Window {
    /** Resolves when the worker's `bench` can be called. */
    startContender(): Promise<void>;
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

export {};
