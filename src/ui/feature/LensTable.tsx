// A feature's positive and negative logits: the tokens whose logits its decoder direction raises and lowers most, as two
// columns with bars.

import type { Lens, LensEntry } from "../../lib/report.ts";
import { number } from "../shared/format.ts";
import { Piece } from "../shared/Piece.tsx";

interface Props {
  /** null while it is being computed: the rows' room is kept. */
  readonly lens: Lens | null;
  readonly rows: number;
}

export function LensTable({ lens, rows }: Props) {
  const [most, least] = [lens?.top[0]?.value ?? 0, lens?.bottom[0]?.value ?? 0];
  const top = Math.max(Math.abs(most), Math.abs(least), 1e-12);
  return (
    <div className="lens">
      <LensColumn title="positive logits" entries={lens?.top ?? null} rows={rows} top={top} />
      <LensColumn
        title="negative logits"
        entries={lens?.bottom ?? null}
        rows={rows}
        top={top}
        negative
      />
    </div>
  );
}

interface ColumnProps {
  readonly title: string;
  readonly entries: readonly LensEntry[] | null;
  readonly rows: number;
  readonly top: number;
  readonly negative?: boolean;
}

function LensColumn({ title, entries, rows, top, negative = false }: ColumnProps) {
  return (
    <div className="lens-column" data-negative={negative || undefined}>
      <h4>{title}</h4>
      <ol style={{ "--rows": rows }}>
        {(entries ?? []).slice(0, rows).map((entry) => (
          <li key={entry.id} style={{ "--share": Math.min(1, Math.abs(entry.value) / top) }}>
            <Piece piece={entry.token} />
            <span className="lens-value">{number(entry.value)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
