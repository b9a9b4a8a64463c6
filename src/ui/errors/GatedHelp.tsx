// The way into a repo that is not for everyone: its page, where a licence is accepted, and the token to open it with.

import type { Asked } from "../../state/requests.ts";
import { useApp } from "../shared/app.ts";
import { isFramed } from "../shared/framed.ts";
import { Hostile } from "../shared/Piece.tsx";
import { repoPages } from "./repoPages.ts";
import { SignIn } from "./SignIn.tsx";

/** @param message the error's, which names the repo. */
export function GatedHelp({ asked, message }: { asked: Asked; message: string }) {
  const catalog = useApp((state) => state.catalog);
  const pages = repoPages(asked, catalog, message);
  // What ships with the page or lies on this computer: no token opens it.
  if (catalog !== null && pages.length === 0) return null;
  return (
    <>
      <p>
        {pages.map(({ repo, href }) => (
          <a key={href} className="link" href={href} target="_blank" rel="noreferrer">
            The page of <Hostile text={repo} />
          </a>
        ))}
      </p>
      {isFramed() ? (
        <p>
          A token is entered in Facet itself, and never inside another page: open this view there.
        </p>
      ) : (
        <SignIn endpoint={asked.endpoint} />
      )}
    </>
  );
}
