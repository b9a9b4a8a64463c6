// The headers that Facet's pages and scripts are served with, by `npm start`, the dev server and the browser tests.
// A static host should send the same ones; the policy also stands in the built index.html as a <meta>.

/**
 * The hub's endpoint is chosen at run time, so `connect-src` cannot name it. `localhost` is for a hub of one's own.
 * Nothing inline: styles set by script (`element.style`) are no inline styles.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "style-src 'self'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "font-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Cross-origin isolation: gives wasm its threads, and timers their resolution. Hub and CDN answer with CORS. */
export const ISOLATION_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export const HEADERS = {
  ...ISOLATION_HEADERS,
  // A worker takes the policy of its own response, not that of the page.
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};
