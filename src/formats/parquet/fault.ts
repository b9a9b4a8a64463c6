// What is wrong with a Parquet file, found deep inside where its name is not known; parquet.ts adds the name.

export class ParquetFault extends Error {
  readonly code: "Format" | "Unsupported";

  /** @param found a clause: "a page claims 9 bytes of 5". */
  constructor(found: string, code: "Format" | "Unsupported" = "Format") {
    super(found);
    this.code = code;
  }
}
