// The least and the greatest of many numbers. Math.min and Math.max take each number as an argument of its own, and a
// call has room on the stack for some ten thousands.

/** Infinity where there are none. */
export function least(values: Iterable<number>): number {
  let found = Infinity;
  for (const value of values) found = Math.min(found, value);
  return found;
}

/** -Infinity where there are none. */
export function greatest(values: Iterable<number>): number {
  let found = -Infinity;
  for (const value of values) found = Math.max(found, value);
  return found;
}
