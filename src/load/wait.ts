import { formatDuration } from '../../mock-server/duration.ts';
import type { Random } from '../../mock-server/random.ts';

/** How long a VU waits between two iterations: `between`, `constant` and `constant_pacing` of Locust. */
export type WaitTime =
  | { readonly kind: 'none' }
  | { readonly kind: 'between'; readonly minUs: number; readonly maxUs: number }
  | { readonly kind: 'constant'; readonly waitUs: number }
  /** Starts are `periodUs` apart; after an iteration that takes longer, the next starts at once. */
  | { readonly kind: 'constant-pacing'; readonly periodUs: number };

/** Returns when the next iteration of a VU is due, from the start and end of the last, in whole microseconds. */
export function nextStartUs(wait: WaitTime, random: Random, startedUs: number, endedUs: number): number {
  switch (wait.kind) {
    case 'none':
      return endedUs;
    case 'between':
      return endedUs + Math.round(wait.minUs + random() * (wait.maxUs - wait.minUs));
    case 'constant':
      return endedUs + wait.waitUs;
    case 'constant-pacing':
      return Math.max(endedUs, startedUs + wait.periodUs);
  }
}

/** Returns the mean time between two starts of a VU, in microseconds, if an iteration takes `iterationUs`. */
export function meanCycleUs(wait: WaitTime, iterationUs: number): number {
  return nextStartUs(wait, () => 0.5, 0, iterationUs);
}

/** Describes a wait as an addition to a load, e.g. `, resting 200ms–500ms`; empty without one. */
export function describeWait(wait: WaitTime): string {
  switch (wait.kind) {
    case 'none':
      return '';
    case 'between':
      return `, resting ${formatDuration(wait.minUs)}–${formatDuration(wait.maxUs)}`;
    case 'constant':
      return `, resting ${formatDuration(wait.waitUs)}`;
    case 'constant-pacing':
      return `, one start every ${formatDuration(wait.periodUs)}`;
  }
}
