/** A verdict on chance may be wrong in one run of a hundred. */
const FALSE_ALARMS = 0.01;

/** The most of `n` that chance makes such, each with this probability, in all but one of a hundred runs: a binomial tail. */
export function mostByChance(n: number, probability: number): number {
  let below = 0;
  let term = (1 - probability) ** n;
  for (let count = 0; count <= n; count++) {
    below += term;
    if (1 - below <= FALSE_ALARMS) return count;
    term *= ((n - count) / (count + 1)) * (probability / (1 - probability));
  }
  return n;
}
