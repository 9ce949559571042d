/**
 * How reliable a finding is. `sure`: no other known explanation fits the replies; `likely`: it fits, and providers use this
 * round figure; `guess`: the best available explanation.
 */
export type Confidence = 'sure' | 'likely' | 'guess';

const ORDER: readonly Confidence[] = ['sure', 'likely', 'guess'];

/** Returns the lowest confidence. */
export function weakest(...all: readonly Confidence[]): Confidence {
  return ORDER[Math.max(...all.map((confidence) => ORDER.indexOf(confidence)))]!;
}
