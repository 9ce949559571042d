import type { WaitTime } from './executor.ts';
import type { Random } from './plan.ts';

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
