// All features of the SAE: sorted and filtered as the view says, drawn a window at a time. One tab stop; arrows move a
// cursor along the rows, Enter opens the feature.

import { memo, useMemo, useState, type KeyboardEvent, type MouseEvent } from "react";
import { writeLink } from "../../state/permalink.ts";
import { useActions, useApp } from "../shared/app.ts";
import { focusHeading } from "../shared/focus.ts";
import { Hostile } from "../shared/Piece.tsx";
import { type Column, INDEX, LABEL, NUMBERS } from "./columns.ts";
import type { NumberColumn, TableData } from "./featureTable.ts";
import { descendingFirst } from "./tableFile.ts";
import { useVirtualRows } from "./virtualRows.ts";

/** Pixels; the stylesheet says the same. */
const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 30;

interface Props {
  readonly data: TableData;
  readonly rows: Uint32Array;
  readonly stale: boolean;
}

export function FeatureTable({ data, rows, stale }: Props) {
  const actions = useActions();
  const view = useApp((state) => state.view);
  const { scroller, drawn, onScroll, reveal } = useVirtualRows(rows.length, ROW_HEIGHT);
  const [cursor, setCursor] = useState<number | null>(null);
  const columns = useMemo(
    () => NUMBERS.filter(({ key }) => key !== "promotes" || data.columns.promotes !== null),
    [data],
  );
  // The link of every row but for its number, so that a row need not write the whole view.
  const link = useMemo(
    () => `#${writeLink({ ...view, place: "feature", feature: null }).fragment}&feature=`,
    [view],
  );
  const open = (feature: number | undefined): void => {
    if (feature !== undefined) actions.setView({ place: "feature", feature });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== scroller.current) return;
    if (event.key === "Enter" && cursor !== null) {
      open(rows[cursor]);
      focusHeading();
    }
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2;
    const next = cursorAfter(event.key, cursor, rows.length, page);
    if (next === null) return;
    event.preventDefault();
    setCursor(next);
    reveal(next, HEAD_HEIGHT);
  };
  const onClick = (event: MouseEvent): void => {
    const anchor = event.target instanceof Element ? event.target.closest("a[data-feature]") : null;
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!(anchor instanceof HTMLElement) || event.button !== 0 || !plain) return;
    event.preventDefault();
    open(Number(anchor.dataset["feature"]));
  };
  return (
    <div
      ref={scroller}
      className="feature-table"
      role="grid"
      aria-label="Features"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 2}
      aria-activedescendant={cursor === null ? undefined : rowId(cursor)}
      tabIndex={0}
      data-testid="feature-table"
      data-stale={stale || undefined}
      data-columns={columns.length}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onBlur={() => setCursor(null)}
    >
      <div className="feature-table-head" role="row" aria-rowindex={1}>
        {[INDEX, LABEL, ...columns].map((column) => (
          <Head key={column.key} column={column} />
        ))}
      </div>
      <div
        className="feature-table-body"
        role="rowgroup"
        style={{ height: rows.length * ROW_HEIGHT }}
      >
        {drawn.map((at) => (
          <Row
            key={at.slot}
            row={at.row}
            feature={rows[at.row] ?? 0}
            data={data}
            columns={columns}
            link={link}
            active={at.row === cursor}
          />
        ))}
      </div>
    </div>
  );
}

const rowId = (row: number): string => `feature-row-${row}`;

/** Where the cursor goes; null: the key is not the table's. */
function cursorAfter(
  key: string,
  cursor: number | null,
  rows: number,
  page: number,
): number | null {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -rows,
    End: rows,
  };
  const step = steps[key];
  if (step === undefined || rows === 0) return null;
  return Math.max(0, Math.min(rows - 1, cursor === null && step === 1 ? 0 : (cursor ?? 0) + step));
}

function Head({ column: { key, name, title } }: { column: Column }) {
  const actions = useActions();
  const sorted = useApp((state) => state.view.sort === key);
  const descending = useApp((state) => state.view.descending);
  const order = !sorted ? "none" : descending ? "descending" : "ascending";
  return (
    <div role="columnheader" aria-sort={order} data-column={key}>
      <button
        type="button"
        title={title}
        onClick={() =>
          actions.setView({
            sort: key,
            descending: sorted ? !descending : descendingFirst(key),
          })
        }
      >
        {name}
        <span aria-hidden="true">{sorted ? (descending ? " ↓" : " ↑") : ""}</span>
      </button>
    </div>
  );
}

interface RowProps {
  readonly row: number;
  readonly feature: number;
  readonly data: TableData;
  readonly columns: readonly Column<NumberColumn>[];
  readonly link: string;
  readonly active: boolean;
}

/** Drawn again only where another row has come into its place. */
const Row = memo(function Row({ row, feature, data, columns, link, active }: RowProps) {
  const label = data.labels.get(feature);
  return (
    <div
      id={rowId(row)}
      className="table-row"
      role="row"
      aria-rowindex={row + 2}
      data-active={active || undefined}
      style={{ transform: `translateY(${row * ROW_HEIGHT}px)` }}
    >
      <div role="gridcell">
        <a href={`${link}${feature}`} tabIndex={-1} data-feature={feature}>
          {feature}
        </a>
      </div>
      <div role="gridcell" data-column="label">
        {label !== undefined && <Hostile text={label} />}
      </div>
      {columns.map((column) => (
        <div key={column.key} role="gridcell">
          {written(data, column, feature)}
        </div>
      ))}
    </div>
  );
});

function written(data: TableData, { key, write }: Column<NumberColumn>, feature: number): string {
  const value = data.columns[key]?.[feature] ?? NaN;
  if (Number.isNaN(value)) return "–";
  return key === "cosine" ? `${data.nearest?.[feature] ?? ""} · ${write(value)}` : write(value);
}
