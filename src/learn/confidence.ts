/**
 * How far a finding can be relied on. `sure`: the answers leave no other explanation of the kinds that are known here;
 * `likely`: they fit it, and the round figure is what providers use; `guess`: the best there is to say.
 */
export type Confidence = 'sure' | 'likely' | 'guess';

const ORDER: readonly Confidence[] = ['sure', 'likely', 'guess'];

export function weakest(...all: readonly Confidence[]): Confidence {
  return ORDER[Math.max(...all.map((one) => ORDER.indexOf(one)))]!;
}
