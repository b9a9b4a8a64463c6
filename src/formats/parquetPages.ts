// The pages of a Parquet column, looked at before the library unpacks them: it believes their headers, and one that lies
// could keep it busy for ever or have it make room for gigabytes.

import { parquetHeader } from "hyparquet/src/column.js";
import { FacetError } from "../lib/errors.ts";

/** Snappy's densest output is 64 bytes of copy from 3 of input. https://github.com/google/snappy format_description */
const SNAPPY_RATIO = 22;
const SLACK_BYTES = 64;

export interface ColumnChunk {
  readonly bytes: Uint8Array;
  readonly codec: "UNCOMPRESSED" | "SNAPPY";
  /** That the footer says the column has. */
  readonly values: number;
}

/** Throws `Format` where a page does not fit into its column. */
export function checkPages({ bytes, codec, values }: ColumnChunk, name: string): void {
  const reader = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: 0,
  };
  while (reader.offset < bytes.byteLength - 1) {
    const header = parquetHeader(reader);
    const packed = header.compressed_page_size;
    const unpacked = header.uncompressed_page_size;
    const most = codec === "SNAPPY" ? packed * SNAPPY_RATIO + SLACK_BYTES : packed;
    const page =
      header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const sound =
      isUpTo(packed, bytes.byteLength - reader.offset) &&
      isUpTo(unpacked, most) &&
      page !== undefined &&
      isUpTo(page.num_values, values);
    if (!sound) {
      throw new FacetError(
        "Format",
        `Reading ${name}: a page claims ${packed} bytes that unpack to ${unpacked}, and ${page?.num_values} of ${values} values. It may be damaged; fetch it again.`,
      );
    }
    reader.offset += packed;
  }
}

const isUpTo = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= most;
