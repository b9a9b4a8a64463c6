// Lets the event loop turn once: whoever computes or records synchronously must let a cancel message get through.

/** Half a frame: a cancel message waits no longer for its turn, and short work pays for none. */
export const TURN_EVERY_MS = 8;

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
