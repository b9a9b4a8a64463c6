// The table as a file: CSV for spreadsheets, Parquet for everything else. Full precision, in the order on show.

import { csvText } from "../../lib/csv.ts";
import type { SortKey } from "../../state/view.ts";
import { NUMBERS } from "./columns.ts";
import type { TableData } from "./featureTable.ts";

const numberCell = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "" : String(value);

/** Columns that hold something. */
const filled = ({ columns }: TableData) => NUMBERS.filter(({ key }) => columns[key] !== null);

export function csvTable(data: TableData, rows: Uint32Array): string {
  const columns = filled(data);
  const head = ["feature", ...columns.map(({ file }) => file), ...nearestName(data), "label"];
  const lines = Array.from(rows, (feature) =>
    [
      String(feature),
      ...columns.map(({ key }) => numberCell(data.columns[key]?.[feature])),
      ...(data.nearest === null ? [] : [numberCell(data.nearest[feature])]),
      csvText(data.labels.get(feature) ?? ""),
    ].join(","),
  );
  return [head.join(","), ...lines, ""].join("\r\n");
}

const nearestName = ({ nearest }: TableData): string[] =>
  nearest === null ? [] : ["nearest_feature"];

export async function parquetTable(data: TableData, rows: Uint32Array): Promise<ArrayBuffer> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const nullable = (values: Float64Array | null): (number | null)[] =>
    Array.from(rows, (feature) => {
      const value = values?.[feature] ?? NaN;
      return Number.isNaN(value) ? null : value;
    });
  return parquetWriteBuffer({
    columnData: [
      { name: "feature", data: Array.from(rows), type: "INT32" },
      ...filled(data).map(({ key, file }) => ({
        name: file,
        data: nullable(data.columns[key]),
        type: "DOUBLE" as const,
        nullable: true,
      })),
      ...nearestName(data).map((name) => ({
        name,
        data: Array.from(rows, (feature) => data.nearest?.[feature] ?? 0),
        type: "INT32" as const,
      })),
      {
        name: "label",
        data: Array.from(rows, (feature) => data.labels.get(feature) ?? null),
        type: "STRING",
        nullable: true,
      },
    ],
  });
}

/** What a click on a column's head does first: the largest first of numbers, the first of the alphabet of texts. */
export const descendingFirst = (key: SortKey): boolean => key !== "index" && key !== "label";
