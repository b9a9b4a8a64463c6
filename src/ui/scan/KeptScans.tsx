// The scans there are of what is open: which one the pages show, going on with one, adding two up, taking one along as a
// file or bringing one, and being rid of it.

import { useRef } from "react";
import type { DamagedScan, KeptScan } from "../../lib/scan.ts";
import { useActions, useApp } from "../shared/app.ts";
import { bytes, count } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { saveFile } from "../shared/saveFile.ts";
import { scanTold } from "../shared/scanTold.ts";
import { useResult } from "../shared/result.ts";
import { scan as scanQuery, scans as scansQuery } from "../../state/queries.ts";

export function KeptScans() {
  const { data: kept } = useResult(scansQuery);
  const shown = useApp((state) => state.view.scan);
  const run = useApp((state) => state.scan);
  const busy = useResult(scanQuery, run).running;
  const sound = kept?.filter((one): one is KeptScan => "fits" in one) ?? [];
  const damaged = kept?.filter((one): one is DamagedScan => "damaged" in one) ?? [];
  const fitting = sound.filter(({ fits }) => fits);
  const others = sound.length - fitting.length;
  // As the worker picks one.
  const onShow = shown ?? fitting.find(({ tokens }) => tokens > 0)?.id ?? null;
  return (
    <div className="kept-scans" data-testid="kept-scans">
      <h3>Scans of this SAE</h3>
      {kept !== null && fitting.length === 0 && <p className="caption">None yet.</p>}
      <ul>
        {fitting.map((one) => (
          <Kept key={one.id} scan={one} onShow={onShow} busy={busy} />
        ))}
        {damaged.map((scan) => (
          <Damaged key={scan.id} scan={scan} busy={busy} />
        ))}
      </ul>
      <ImportScan />
      {others > 0 && (
        <p className="caption">
          {count(others)} more of other models and SAEs, which are listed when those are open.
        </p>
      )}
    </div>
  );
}

interface KeptProps {
  readonly scan: KeptScan;
  /** The scan whose numbers the pages show. */
  readonly onShow: string | null;
  readonly busy: boolean;
}

function Kept({ scan, onShow, busy }: KeptProps) {
  const actions = useActions();
  const { id, corpus, request } = scan;
  const shown = id === onShow;
  const still = busy || scan.running;
  return (
    <li className="kept-scan" data-shown={shown || undefined}>
      <label>
        <input
          type="radio"
          name="shown-scan"
          checked={shown}
          onChange={() => actions.setView({ scan: id })}
        />
        <span>
          <Hostile text={corpus} />
          {scan.running ? " (running)" : scan.finished ? "" : " (paused)"}
          <small>
            {scanTold(scan)}
            {scan.saved === null
              ? "; ships with the page"
              : `; ${bytes(scan.bytes)}, ${new Date(scan.saved).toISOString().slice(0, 10)}`}
          </small>
        </span>
      </label>
      <span className="kept-tools">
        {!scan.finished && !scan.running && request !== null && (
          <Tool
            name="Go on"
            about={corpus}
            still={still}
            onClick={() => actions.runScan(request)}
          />
        )}
        {!shown && onShow !== null && (
          <Tool
            name="Add to the one shown"
            about={corpus}
            still={still}
            onClick={() => actions.mergeScans(onShow, id)}
          />
        )}
        <Tool name="Export" about={corpus} still={still} onClick={() => void save(scan)} />
        {scan.saved !== null && (
          <Tool name="Delete" about={corpus} still={still} onClick={() => actions.deleteScan(id)} />
        )}
      </span>
    </li>
  );

  async function save({ sae }: KeptScan): Promise<void> {
    const file = await actions.exportScan(id);
    if (file !== null) {
      saveFile(`facet-scan-${sae.hook}.parquet`, Uint8Array.from(file), PARQUET);
    }
  }
}

/** Of whichever model and SAE: it takes room, and may not tell. */
function Damaged({ scan, busy }: { readonly scan: DamagedScan; readonly busy: boolean }) {
  const actions = useActions();
  const { id, corpus, damaged } = scan;
  return (
    <li className="kept-scan">
      <span>
        {corpus === null ? "A damaged scan" : <Hostile text={corpus} />}
        <small>
          damaged: {damaged}; {bytes(scan.bytes)}
        </small>
      </span>
      <span className="kept-tools">
        <Tool
          name="Delete"
          about={corpus ?? "something that cannot be read"}
          still={busy}
          onClick={() => actions.deleteScan(id)}
        />
      </span>
    </li>
  );
}

const PARQUET = "application/vnd.apache.parquet";

interface ToolProps {
  readonly name: string;
  /** What it is done with, for readers who hear the button alone. */
  readonly about: string;
  readonly still: boolean;
  readonly onClick: () => void;
}

function Tool({ name, about, still, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className="button button-small"
      disabled={still}
      aria-label={`${name}: scan of ${about}`}
      onClick={onClick}
    >
      {name}
    </button>
  );
}

function ImportScan() {
  const actions = useActions();
  const input = useRef<HTMLInputElement>(null);
  return (
    <p>
      <button type="button" className="button button-small" onClick={() => input.current?.click()}>
        Import a scan…
      </button>{" "}
      <span className="soft">a Parquet file that was exported, here or elsewhere</span>
      <input
        ref={input}
        type="file"
        hidden
        accept=".parquet"
        data-testid="scan-import"
        aria-label="Scan to import"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) actions.importScan({ path: file.name, file });
          // The same file again is a change again.
          event.target.value = "";
        }}
      />
    </p>
  );
}
