// What this browser keeps of hubs' repos: how much, of which commit, and a way to be rid of it.

import { useEffect, useRef } from "react";
import type { StoredRepo } from "../../lib/hosted.ts";
import { useActions, useApp } from "../shared/app.ts";
import { bytes, count } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useResult } from "../shared/result.ts";
import { stored } from "../../state/queries.ts";

/** Enough of a commit to know it by. */
const SHORT = 10;

export function Stored() {
  const actions = useActions();
  const { data: repos, running } = useResult(stored);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => actions.request(stored), [actions]);
  return (
    <section className="stored" aria-labelledby="stored-heading" data-testid="stored">
      <h2 id="stored-heading" ref={heading} tabIndex={-1}>
        Kept in this browser
      </h2>
      <p className="caption">
        What was read from a hub stays on this computer, so that it is not read again. What is open
        stays open when it is deleted here.
      </p>
      <KeptTokens />
      {repos === null && running ? (
        <p className="soft">Looking…</p>
      ) : repos === null ? (
        <p data-testid="stored-unavailable">
          This browser offers no storage here, as private windows and pages without https do.
          Everything works, but each visit reads its models anew.
        </p>
      ) : repos.length === 0 ? (
        <p data-testid="stored-empty">
          Nothing yet. A model or SAE opened from a hub will be listed here.
        </p>
      ) : (
        <StoredTable
          repos={repos}
          onDelete={(id) => {
            // The button goes with its row; the keyboard stays here.
            heading.current?.focus();
            void actions.deleteStored(id);
          }}
        />
      )}
    </section>
  );
}

/** Hubs that the reader entered a token for, each with a way to be rid of it. */
function KeptTokens() {
  const actions = useActions();
  const origins = useApp((state) => state.tokenOrigins);
  return (
    <ul className="kept-tokens">
      {origins.map((origin) => (
        <li key={origin}>
          An access token for <Hostile text={URL.parse(origin)?.host ?? origin} />{" "}
          <button
            type="button"
            className="link"
            data-testid="forget-token"
            aria-label={`Forget the access token for ${origin}`}
            onClick={() => actions.forgetToken(origin)}
          >
            Forget it
          </button>
        </li>
      ))}
    </ul>
  );
}

interface TableProps {
  readonly repos: readonly StoredRepo[];
  readonly onDelete: (id: string) => void;
}

function StoredTable({ repos, onDelete }: TableProps) {
  const total = repos.reduce((sum, repo) => sum + repo.bytes, 0);
  return (
    <div className="scroll-x">
      <table className="table stored-table">
        <thead>
          <tr>
            <th scope="col">Repository</th>
            <th scope="col" className="table-text">
              Commit
            </th>
            <th scope="col">Size</th>
            <th scope="col">
              <span className="visually-hidden">Delete</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {repos.map(({ id, endpoint, repo, commit, bytes: size }) => (
            <tr key={id} data-testid="stored-repo" data-bytes={size}>
              <th scope="row">
                <Hostile text={repo} />{" "}
                <small>
                  <Hostile text={endpoint.replace(/^https:\/\//, "")} />
                </small>
              </th>
              <td className="table-text">
                <Hostile text={commit.slice(0, SHORT)} />
              </td>
              <td>{bytes(size)}</td>
              <td>
                <button
                  type="button"
                  className="link"
                  aria-label={`Delete ${repo} at ${commit.slice(0, SHORT)}`}
                  onClick={() => onDelete(id)}
                >
                  Delete
                </button>
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              {count(repos.length)} {repos.length === 1 ? "repository" : "repositories"}
            </th>
            <td data-testid="stored-total">{bytes(total)}</td>
            <td>{"\u00a0"}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
