// Writes the Content-Security-Policy into the built index.html, for hosts that send no headers.
// The dev server goes without: React's refresh needs an inline script there.

import type { Plugin } from "vite";
import { CONTENT_SECURITY_POLICY } from "../headers.mjs";

export function contentSecurityPolicy(): Plugin {
  return {
    name: "facet:csp",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}
