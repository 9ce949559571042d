/** Accepted probability of a false alarm. */
const FALSE_ALARM_RATE = 0.01;

/** Returns the 99th percentile of a binomial distribution: the most hits among `n` that chance alone explains. */
export function maxByChance(n: number, probability: number): number {
  let below = 0;
  let term = (1 - probability) ** n;
  for (let count = 0; count <= n; count++) {
    below += term;
    if (1 - below <= FALSE_ALARM_RATE) return count;
    term *= ((n - count) / (count + 1)) * (probability / (1 - probability));
  }
  return n;
}
