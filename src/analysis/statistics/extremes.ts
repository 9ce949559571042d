/** Returns the largest value; -Infinity without values. `Math.max(...values)` fails for lists as long as a run. */
export function largest(values: Iterable<number>): number {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** Returns the smallest value; Infinity without values. */
export function smallest(values: Iterable<number>): number {
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  return least;
}
