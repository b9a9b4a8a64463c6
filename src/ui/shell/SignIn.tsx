// Where a hub's access token is pasted. It goes to the store and to nowhere else: not into the link, not into a report.

import { useId } from "react";
import { useActions } from "../shared/app.ts";

export function SignIn() {
  const actions = useActions();
  const id = useId();
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
      <label htmlFor={id}>Access token</label>
      <input
        id={id}
        name="token"
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="hf_…"
      />
      <label className="field">
        <input name="keep" type="checkbox" /> keep it in this browser
      </label>
      <button type="submit" className="button">
        Open with the token
      </button>
    </form>
  );
}
