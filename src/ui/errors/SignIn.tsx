// Where a hub's access token is pasted. It goes to the store and to nowhere else: not into the link, not into a report.

import { useId } from "react";
import { PUBLIC_HUB } from "../../state/memory.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";

/** @param endpoint of the hub that the token is for, and that alone gets it; null: the public Hub. */
export function SignIn({ endpoint }: { endpoint: string | null }) {
  const actions = useActions();
  const account = useApp((state) => state.hubAccount);
  const origin = URL.parse(endpoint ?? PUBLIC_HUB)?.origin ?? "";
  const known = useApp((state) => state.tokenOrigins.includes(origin));
  const id = useId();
  const hub = URL.parse(endpoint ?? PUBLIC_HUB)?.host ?? "this hub";
  return (
    <form
      className="sign-in"
      data-testid="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const token = form.get("token");
        if (typeof token !== "string" || token.trim() === "") return;
        event.currentTarget.reset();
        actions.signIn(token.trim(), form.get("keep") === "on");
      }}
    >
      {account && endpoint === null && (
        <button type="button" className="button" onClick={() => actions.signInAtHub()}>
          Sign in at <Hostile text={hub} />
        </button>
      )}
      <label htmlFor={id}>
        Access token for{" "}
        <strong>
          <Hostile text={hub} />
        </strong>
      </label>
      <input
        id={id}
        name="token"
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder={endpoint === null ? "hf_…" : undefined}
        aria-describedby={`${id}-where`}
      />
      <label className="field">
        <input name="keep" type="checkbox" /> keep it in this browser
      </label>
      <button type="submit" className="button">
        Open with the token
      </button>
      {known && (
        <button
          type="button"
          className="button button-quiet"
          data-testid="forget-token"
          onClick={() => actions.forgetToken(origin)}
        >
          Forget the one entered before
        </button>
      )}
      <small id={`${id}-where`}>
        It is sent to <Hostile text={hub} /> alone, and stands in no link or report.{" "}
        {endpoint === null && (
          <a
            className="link"
            href={`${PUBLIC_HUB}/settings/tokens`}
            target="_blank"
            rel="noreferrer"
          >
            Make one with read access
          </a>
        )}
      </small>
    </form>
  );
}
