// Which addresses are taken for a hub's, and that a token leaves only with requests to the origin it was entered for.

import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { DEFAULT_ENDPOINT, parseEndpoint, Tokens } from "../../../src/hub/endpoint.ts";

describe("parseEndpoint", () => {
  it.each([
    ["https://huggingface.co", "https://huggingface.co", "https://huggingface.co"],
    ["https://huggingface.co/", "https://huggingface.co", "https://huggingface.co"],
    [" https://Hub.Example:8443/hf//", "https://hub.example:8443/hf", "https://hub.example:8443"],
    ["http://localhost:8080", "http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:8080/?q=1#x", "http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ])("reads %j", (text, url, origin) => {
    expect(parseEndpoint(text)).toEqual({ url, origin });
  });

  it.each([
    "",
    "huggingface.co",
    "http://huggingface.co",
    "http://localhost.evil.example",
    "https://user:secret@huggingface.co",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://huggingface.co",
    `https://${"a".repeat(300)}.example`,
  ])("refuses %j", (text) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: "BadLink" }));
  });
});

describe("Tokens", () => {
  const mine = parseEndpoint("https://hub.example/path");
  const token = "hf_secretsecret";

  it("gives a token to its origin alone", () => {
    const tokens = new Tokens();
    tokens.set(mine, token);
    expect(tokens.headers(parseEndpoint("https://hub.example/other"))).toEqual({
      Authorization: `Bearer ${token}`,
    });
    for (const other of [
      "https://hub.example:444",
      "https://sub.hub.example",
      "https://evil.example",
    ]) {
      expect(tokens.headers(parseEndpoint(other))).toEqual({});
    }
    expect(tokens.headers(DEFAULT_ENDPOINT)).toEqual({});
  });

  it("forgets", () => {
    const tokens = new Tokens();
    tokens.set(mine, token);
    tokens.forget(mine);
    expect(tokens.has(mine)).toBe(false);
    expect(tokens.headers(mine)).toEqual({});
  });

  it("shows no token when it is printed or copied", () => {
    const tokens = new Tokens();
    tokens.set(mine, token);
    expect(inspect(tokens, { depth: 9, showHidden: true })).not.toContain(token);
    expect(JSON.stringify(tokens)).not.toContain(token);
  });

  it.each(["", "two words", "line\nbreak", "tab\t", "ümlaut", "x".repeat(2000)])(
    "refuses the token %j without quoting it",
    (bad) => {
      const tokens = new Tokens();
      const set = (): void => tokens.set(mine, bad);
      expect(set).toThrow(expect.objectContaining({ code: "BadToken" }));
      if (bad !== "") expect(set).not.toThrow(bad);
    },
  );
});
