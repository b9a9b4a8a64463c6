// What a browser offers only to some pages: storage, service workers, workers. Where site data is blocked, or in a frame
// with `sandbox`, the mere name throws; elsewhere it is null or missing. All of these are "not offered" here.

export function offered<T>(read: () => T | null | undefined): T | null {
  try {
    return read() ?? null;
  } catch {
    // Why it is refused is the browser's business; what follows from it is the caller's to say.
    return null;
  }
}
