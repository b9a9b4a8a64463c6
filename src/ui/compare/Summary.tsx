// The measures of both sides over the text, and their difference.

import type { ComparedSide, Comparison, MetricName } from "../../lib/report.ts";
import { number, signed } from "../shared/format.ts";

interface Row {
  readonly name: string;
  readonly value: (side: ComparedSide) => number | null;
}

const metric =
  (name: MetricName): Row["value"] =>
  ({ verification }) =>
    verification?.metrics[name] ?? null;

const ROWS: readonly Row[] = [
  { name: "L0, mean", value: ({ analysis }) => analysis.l0.mean },
  { name: "squared error, mean", value: metric("mse") },
  { name: "explained variance", value: metric("explainedVariance") },
  { name: "CE without SAE, nats", value: metric("ceClean") },
  { name: "CE with SAE, nats", value: metric("ceSae") },
  { name: "CE score", value: metric("ceScore") },
  { name: "KL from the clean model, nats", value: metric("kl") },
];

const OF_LOSS = ROWS.slice(1);

export function Summary({ comparison }: { comparison: Comparison }) {
  const [a, b] = comparison.sides;
  const tokens = a.analysis.tokens.filter(
    ({ special }) => comparison.mask === "all" || !special,
  ).length;
  const rows = ROWS.map(({ name, value }) => ({ name, a: value(a), b: value(b) }));
  return (
    <section className="panel compare-summary" data-testid="compare-summary">
      <h2>On this text</h2>
      <div className="scroll-x">
        <table className="table summary-table">
          <thead>
            <tr>
              <th scope="col">
                {tokens} tokens
                {comparison.mask === "nonspecial" ? ", specials left out" : ""}
              </th>
              <th scope="col">A</th>
              <th scope="col">B</th>
              <th scope="col">B − A</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>{number(row.a)}</td>
                <td>{number(row.b)}</td>
                <td>{row.a === null || row.b === null ? "–" : signed(row.b - row.a)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {a.verification === null && (
        <p className="caption">
          {OF_LOSS.length} measures read the whole model: colour the tokens by CE change to have
          them.
        </p>
      )}
    </section>
  );
}
