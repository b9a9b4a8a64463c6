// Signing in at a hub of our own: the whole way there and back, and the ways that lead elsewhere.

import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseEndpoint, type Endpoint } from "../../src/hub/endpoint.ts";
import { beginSignIn, finishSignIn, isSignInReturn, parsePending } from "../../src/hub/signIn.ts";

const APP = { clientId: "facet-app", redirectUrl: "https://facet.example/app/" };
const TOKEN = "hf_oauth_SecretToken";
const CODE = "one-time-code-42";

let server: Server;
let endpoint: Endpoint;
/** Where the hub says that readers sign in. */
let authorize: string;
/** What the token endpoint was sent. */
let traded: URLSearchParams[];
let refuse: boolean;

beforeEach(async () => {
  traded = [];
  refuse = false;
  server = createServer((request, response) => {
    const json = (value: unknown, status = 200): void => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.url === "/.well-known/openid-configuration") {
      const { origin } = endpoint;
      json({
        authorization_endpoint: authorize,
        token_endpoint: `${origin}/oauth/token`,
        userinfo_endpoint: `${origin}/oauth/userinfo`,
      });
    } else if (request.url === "/oauth/token") {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        traded.push(new URLSearchParams(body));
        if (refuse) json({ error: "invalid_grant" }, 400);
        else json({ access_token: TOKEN, expires_in: 3600, scope: "openid", token_type: "bearer" });
      });
    } else json({ sub: "1", name: "R", preferred_username: "r" });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = parseEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  authorize = `${endpoint.origin}/oauth/authorize`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const back = (state: string, query = `code=${CODE}`): string =>
  `${APP.redirectUrl}?${query}&state=${encodeURIComponent(state)}`;

describe("signing in", () => {
  it("goes there and back, and ends with a token", async () => {
    const { url, pending } = await beginSignIn(endpoint, APP);
    const asked = new URL(url).searchParams;
    expect(new URL(url).origin).toBe(endpoint.origin);
    expect(asked.get("client_id")).toBe(APP.clientId);
    expect(asked.get("redirect_uri")).toBe(APP.redirectUrl);
    expect(asked.get("scope")).toBe("openid profile gated-repos");
    expect(asked.get("code_challenge")).toBe(
      createHash("sha256").update(pending.codeVerifier).digest("base64url"),
    );
    // The verifier stays here until the code is traded.
    expect(url).not.toContain(pending.codeVerifier);

    const address = back(asked.get("state") ?? "");
    expect(isSignInReturn(address)).toBe(true);
    const kept = parsePending(JSON.parse(JSON.stringify(pending)));
    expect(kept).toEqual(pending);
    if (kept) expect(await finishSignIn(kept, address)).toBe(TOKEN);
    expect(traded.map((sent) => [sent.get("code"), sent.get("code_verifier")])).toEqual([
      [CODE, pending.codeVerifier],
    ]);
  });

  it("does not follow a hub that sends readers elsewhere", async () => {
    authorize = "https://evil.example/authorize";
    await expect(beginSignIn(endpoint, APP)).rejects.toMatchObject({
      code: "Network",
      message: expect.stringContaining("another host"),
    });
  });

  it.each([
    ["another's state", () => back(JSON.stringify({ nonce: "x", redirectUri: APP.redirectUrl }))],
    ["a state of nonsense", () => back("{")],
    ["a refusal", (state: string) => back(state, "error=access_denied&error_description=no")],
    ["no code", (state: string) => `${APP.redirectUrl}?state=${encodeURIComponent(state)}`],
  ])("with %s is refused, and nothing secret is told", async (_, address) => {
    const { url, pending } = await beginSignIn(endpoint, APP);
    const state = new URL(url).searchParams.get("state") ?? "";
    const error: unknown = await finishSignIn(pending, address(state)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "BadToken" });
    for (const secret of [CODE, pending.codeVerifier, pending.nonce]) {
      expect(inspect(error, { depth: 9 })).not.toContain(secret);
    }
    expect(traded).toEqual([]);
  });

  it("that the hub does not honour ends with a message", async () => {
    const { url, pending } = await beginSignIn(endpoint, APP);
    refuse = true;
    const state = new URL(url).searchParams.get("state") ?? "";
    await expect(finishSignIn(pending, back(state))).rejects.toMatchObject({ code: "BadToken" });
  });
});

it("knows an address that a reader comes back to from another one", () => {
  expect(isSignInReturn("https://facet.example/app/")).toBe(false);
  expect(isSignInReturn("https://facet.example/app/?code=1")).toBe(false);
  expect(isSignInReturn("https://facet.example/app/?error=x&state=y#text")).toBe(true);
  expect(isSignInReturn("not an address")).toBe(false);
});

it.each([
  null,
  1,
  {},
  { endpoint: 1 },
  {
    codeVerifier: "a",
    nonce: "b",
    endpoint: { url: "https://a.example", origin: "https://b.example" },
  },
])("takes %j for nothing that was kept", (value) => {
  expect(parsePending(value)).toBeNull();
});
