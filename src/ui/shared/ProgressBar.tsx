// How far a long job is: what it does, how much, how fast, how long still; and a way to stop it.

import { useEffect, useRef, useState } from "react";
import type { Progress } from "../../lib/progress.ts";
import { addSample, rate, timeLeft, type Sample } from "./rate.ts";
import { bytes, count, duration } from "./format.ts";

interface Props {
  readonly progress: Progress | null;
  readonly onCancel?: () => void;
  /** What stopping it is called. */
  readonly cancel?: string;
}

/** Milliseconds; the figures change at this pace, so that they can be read. */
const SAMPLED_EVERY = 400;

const amount = (value: number, unit: Progress["unit"]): string =>
  unit === "bytes" ? bytes(value) : `${count(Math.round(value))} ${unit}`;

export function ProgressBar({ progress, onCancel, cancel = "Cancel" }: Props) {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const done = useRef<number | null>(null);
  useEffect(() => {
    done.current = progress?.done ?? null;
  }, [progress]);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = done.current;
      if (now !== null) setSamples((old) => addSample(old, { time: performance.now(), done: now }));
    }, SAMPLED_EVERY);
    return () => clearInterval(timer);
  }, []);
  const perSecond = rate(samples);
  const left = progress === null ? null : timeLeft(perSecond, progress.done, progress.total);
  const share = progress?.total ? Math.min(1, progress.done / progress.total) : null;
  const words = progress === null ? "Waiting for its turn…" : describe(progress, perSecond, left);
  return (
    <div className="progress" data-testid="progress">
      <div
        className="progress-track"
        role="progressbar"
        aria-label={progress?.stage ?? "Waiting"}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share === null ? {} : { "aria-valuenow": Math.round(share * 100) })}
      >
        <div
          className="progress-fill"
          data-unknown={share === null || undefined}
          style={{ "--share": share ?? 0 }}
        />
      </div>
      <span className="progress-words">{words}</span>
      {onCancel !== undefined && (
        <button
          type="button"
          className="button button-small"
          data-testid="cancel"
          onClick={onCancel}
        >
          {cancel}
        </button>
      )}
    </div>
  );
}

function describe(progress: Progress, perSecond: number | null, left: number | null): string {
  const { stage, done, total, unit } = progress;
  const parts = [stage];
  if (total !== null) parts.push(`${amount(done, unit)} of ${amount(total, unit)}`);
  else if (done > 0) parts.push(amount(done, unit));
  if (perSecond !== null && perSecond > 0) parts.push(`${amount(perSecond, unit)}/s`);
  if (left !== null) parts.push(`${duration(left)} left`);
  return parts.join(" · ");
}
