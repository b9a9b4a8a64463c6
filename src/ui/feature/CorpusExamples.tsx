// Where the feature fires in the scanned corpus: its top activations, an unbiased sample of all its firings, and some
// from each interval of strength. What was shown before is faded.

import { useState } from "react";
import type { FeatureScan, Example } from "../../lib/scan.ts";
import { number, percent } from "../shared/format.ts";
import { ExampleRow } from "./ExampleRow.tsx";
import { repeats } from "./scanFigures.ts";

/** Before the reader asks for the rest. */
const SHOWN = 6;

interface Group {
  readonly key: string;
  readonly title: string;
  readonly note: string;
  readonly examples: readonly Example[];
  readonly shown: number;
}

function groupsOf(scan: FeatureScan): Group[] {
  return [
    {
      key: "top",
      title: "Top activations",
      note: "one a context",
      examples: scan.top,
      shown: SHOWN,
    },
    {
      key: "sample",
      title: "At random",
      note: "an unbiased sample of all its firings",
      examples: scan.sample,
      shown: SHOWN,
    },
    ...scan.intervals.map(({ from, to, share, passages: examples }, i) => ({
      key: `interval ${i}`,
      title: `Activation ${number(from)} to ${number(to)}`,
      note: `${percent(share)} of its firings`,
      examples,
      shown: examples.length,
    })),
  ];
}

export function CorpusExamples({ scan }: { scan: FeatureScan }) {
  const groups = groupsOf(scan);
  const again = repeats(groups.map(({ examples }) => examples));
  return (
    <div className="corpus-examples" data-testid="corpus-examples">
      {groups.map((group, i) => (
        <ExampleGroup key={group.key} group={group} repeats={again[i] ?? []} top={scan.max} />
      ))}
    </div>
  );
}

interface GroupProps {
  readonly group: Group;
  readonly repeats: readonly boolean[];
  readonly top: number;
}

function ExampleGroup({ group, repeats: again, top }: GroupProps) {
  const [all, setAll] = useState(false);
  const { title, note, examples } = group;
  const shown = all ? examples : examples.slice(0, group.shown);
  return (
    <section className="example-group" data-group={group.key}>
      <h3>
        {title} <span className="soft">{note}</span>
      </h3>
      {examples.length === 0 && <p className="caption">None was kept in this interval.</p>}
      <ol className="examples corpus">
        {shown.map((example, i) => (
          <ExampleRow
            key={`${example.source} ${example.document} ${example.position}`}
            example={example}
            top={top}
            repeated={again[i] ?? false}
          />
        ))}
      </ol>
      {examples.length > shown.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          all {examples.length}
        </button>
      )}
    </section>
  );
}
