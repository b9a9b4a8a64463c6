// Rate and time left of a running job, from the progress it reports. Pure: times are passed in.

export interface Sample {
  /** Milliseconds. */
  readonly time: number;
  readonly done: number;
}

/** Rates are taken over this many milliseconds, so that they follow the connection without jumping. */
const WINDOW = 4000;

/** Adds a sample and drops those that are too old; starts anew when `done` falls (another stage). */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.done < last.done) return [sample];
  return [...samples.filter((old) => sample.time - old.time <= WINDOW), sample];
}

/** Units a second; null until half a second was seen. */
export function rate(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.time - first.time < 500) return null;
  return ((last.done - first.done) / (last.time - first.time)) * 1000;
}

/** Seconds; null while unknown. */
export function timeLeft(
  perSecond: number | null,
  done: number,
  total: number | null,
): number | null {
  if (perSecond === null || perSecond <= 0 || total === null) return null;
  return Math.max(0, (total - done) / perSecond);
}
