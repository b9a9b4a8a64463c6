// Where the feature fires in the scanned corpus: its strongest passages, an unbiased sample of all its firings, and some
// from each interval of strength. What was shown before is faded.

import { useState } from "react";
import type { FeatureScan, Passage } from "../../lib/scan.ts";
import { number, percent } from "../shared/format.ts";
import { PassageRow } from "./PassageRow.tsx";
import { repeats } from "./scanFigures.ts";

/** Before the reader asks for the rest. */
const SHOWN = 6;

interface Group {
  readonly key: string;
  readonly title: string;
  readonly note: string;
  readonly passages: readonly Passage[];
  readonly shown: number;
}

function groupsOf(scan: FeatureScan): Group[] {
  return [
    {
      key: "top",
      title: "Strongest",
      note: "one a context",
      passages: scan.top,
      shown: SHOWN,
    },
    {
      key: "sample",
      title: "At random",
      note: "an unbiased sample of all its firings",
      passages: scan.sample,
      shown: SHOWN,
    },
    ...scan.intervals.map(({ from, to, share, passages }, i) => ({
      key: `interval ${i}`,
      title: `Activation ${number(from)} to ${number(to)}`,
      note: `${percent(share)} of its firings`,
      passages,
      shown: passages.length,
    })),
  ];
}

export function CorpusPassages({ scan }: { scan: FeatureScan }) {
  const groups = groupsOf(scan);
  const again = repeats(groups.map(({ passages }) => passages));
  return (
    <div className="corpus-passages" data-testid="corpus-passages">
      {groups.map((group, i) => (
        <PassageGroup key={group.key} group={group} repeats={again[i] ?? []} top={scan.max} />
      ))}
    </div>
  );
}

interface GroupProps {
  readonly group: Group;
  readonly repeats: readonly boolean[];
  readonly top: number;
}

function PassageGroup({ group, repeats: again, top }: GroupProps) {
  const [all, setAll] = useState(false);
  const { title, note, passages } = group;
  const shown = all ? passages : passages.slice(0, group.shown);
  return (
    <section className="passage-group" data-group={group.key}>
      <h3>
        {title} <span className="soft">{note}</span>
      </h3>
      {passages.length === 0 && <p className="caption">None was kept in this interval.</p>}
      <ol className="passages corpus">
        {shown.map((passage, i) => (
          <PassageRow
            key={`${passage.source} ${passage.document} ${passage.position}`}
            passage={passage}
            top={top}
            repeated={again[i] ?? false}
          />
        ))}
      </ol>
      {passages.length > shown.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          all {passages.length}
        </button>
      )}
    </section>
  );
}
