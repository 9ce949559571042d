import { z } from 'zod';
import { formatDuration } from '../../mock-server/duration.ts';
import type { Random } from '../../mock-server/random.ts';
import { duration, keysOf } from '../../mock-server/setting-fields.ts';

/** How long a VU waits between two iterations: `between`, `constant` and `constant_pacing` of Locust. */
export type WaitTime =
  | { readonly kind: 'none' }
  | { readonly kind: 'between'; readonly minUs: number; readonly maxUs: number }
  | { readonly kind: 'constant'; readonly waitUs: number }
  /** Starts are `periodUs` apart; after an iteration that takes longer, the next starts at once. */
  | { readonly kind: 'constant-pacing'; readonly periodUs: number };

/** The field `wait` of executors with VUs that loop. */
export const wait = z
  .union(
    [
      keysOf({ between: z.tuple([duration('Minimum.'), duration('Maximum.')]) }).transform(
        ({ between: [minUs, maxUs] }, context): WaitTime => {
          if (maxUs < minUs)
            context.addIssue({ code: 'custom', path: ['between'], message: 'the minimum must not exceed the maximum' });
          return { kind: 'between', minUs, maxUs };
        },
      ),
      keysOf({ constant: duration('Fixed wait.') }).transform(
        ({ constant }): WaitTime => ({ kind: 'constant', waitUs: constant }),
      ),
      keysOf({ pacing: duration('Interval from start to start.') }).transform(
        ({ pacing }): WaitTime => ({ kind: 'constant-pacing', periodUs: pacing }),
      ),
    ],
    { error: 'must be { between: [200ms, 500ms] }, { constant: 1s } or { pacing: 1s }' },
  )
  .default({ kind: 'none' })
  .describe('How long a VU waits between two iterations.');

/** Returns when the next iteration of a VU is due, from the start and end of the last, in whole microseconds. */
export function nextStartUs(rest: WaitTime, random: Random, startedUs: number, endedUs: number): number {
  switch (rest.kind) {
    case 'none':
      return endedUs;
    case 'between':
      return endedUs + Math.round(rest.minUs + random() * (rest.maxUs - rest.minUs));
    case 'constant':
      return endedUs + rest.waitUs;
    case 'constant-pacing':
      return Math.max(endedUs, startedUs + rest.periodUs);
  }
}

/** Returns the mean time between two starts of a VU, in microseconds, if an iteration takes `iterationUs`. */
export function meanCycleUs(rest: WaitTime, iterationUs: number): number {
  return nextStartUs(rest, () => 0.5, 0, iterationUs);
}

/** Describes a wait as an addition to a load, e.g. `, resting 200ms–500ms`; empty without one. */
export function describeWait(rest: WaitTime): string {
  switch (rest.kind) {
    case 'none':
      return '';
    case 'between':
      return `, resting ${formatDuration(rest.minUs)}–${formatDuration(rest.maxUs)}`;
    case 'constant':
      return `, resting ${formatDuration(rest.waitUs)}`;
    case 'constant-pacing':
      return `, one start every ${formatDuration(rest.periodUs)}`;
  }
}
