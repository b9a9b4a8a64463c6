// Jobs: scans of a corpus. One runs as a row of short turns, so that other jobs run meanwhile; the rest tell what scans say.

import { blobSource } from "../hub/localTree.ts";
import type { LocalFile } from "../lib/hosted.ts";
import type { DamagedScan, FeatureScan, KeptScan, ScanRequest, ScanSummary } from "../lib/scan.ts";
import { checkScan } from "./checks.ts";
import { atOnce } from "./job.ts";

const READING = "reading a scan";

/** A summary's arrays are copies of the scan's own. */
const ofSummary = ({ count, sum, sumSquares, max }: ScanSummary): Transferable[] =>
  [count, sum, sumSquares, max].map(({ buffer }) => buffer);

/**
 * Scans a corpus. Cancelled, it keeps what there is, and the same request goes on from there (also after a reload);
 * opening another SAE stops it likewise.
 */
export const scan = atOnce(
  "scanning",
  async (
    { engine },
    [request = { corpus: { kind: "bundled" } }]: [ScanRequest?],
    options,
  ): Promise<ScanSummary> => engine.scans.run(checkScan(request), options),
  ofSummary,
);

/** What a scan says; of the scan named, else of the one that fits best what is open; null where there is none. */
export const scanSummary = atOnce(
  READING,
  ({ engine }, [id = null]: [id?: string | null], options): Promise<ScanSummary | null> =>
    engine.scans.summary(id, options),
  (summary) => (summary ? ofSummary(summary) : []),
);

export const featureScan = atOnce(
  READING,
  (
    { engine },
    [index, id = null]: [index: number, id?: string | null],
    options,
  ): Promise<FeatureScan | null> => engine.scans.feature(index, id, options),
);

/** Jaccard of the tokens that `index` and each of the others fired on, estimated; null where it is unknown. */
export const coActivation = atOnce(
  READING,
  (
    { engine },
    [index, others, id = null]: [index: number, others: readonly number[], id?: string | null],
    options,
  ): Promise<(number | null)[]> => engine.scans.coActivation(index, others, id, options),
);

/** The scans that are kept and can be read. */
export const scans = atOnce("listing scans", async ({ engine }, _args: []): Promise<KeptScan[]> =>
  (await engine.scans.list()).filter((kept) => "fits" in kept),
);

/** The same with those that are damaged, which can be deleted. */
export const keptScans = atOnce(
  "listing scans",
  ({ engine }, _args: []): Promise<(KeptScan | DamagedScan)[]> => engine.scans.list(),
);

export const deleteScan = atOnce("deleting a scan", ({ engine }, [id]: [id: string]) =>
  engine.scans.remove(id),
);

/** As a Parquet file; null where there is none. */
export const exportScan = atOnce(
  "saving a scan",
  ({ engine }, [id]: [id: string], options): Promise<Uint8Array | null> =>
    engine.scans.export(id, options),
  (bytes) => (bytes ? [bytes.buffer] : []),
);

/** Keeps a scan that was exported; its id. */
export const importScan = atOnce(
  "opening a scan",
  ({ engine }, [{ path, file }]: [LocalFile]): Promise<string> =>
    engine.scans.import(blobSource(path, file)),
);

/** Keeps the sum of two scans that share no document; its id. */
export const mergeScans = atOnce(
  "merging two scans",
  ({ engine }, [first, second]: [first: string, second: string], options): Promise<string> =>
    engine.scans.merge(first, second, options),
);
