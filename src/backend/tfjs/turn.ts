// Lets the event loop turn once: tfjs on wasm and cpu computes synchronously, and a cancel message must get through.

/** Resolves in a later task, behind what already waits. Unlike setTimeout's, a message's delay is never clamped to 4 ms. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
