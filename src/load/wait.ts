import type { WaitTime } from './executor.ts';
import type { Random } from './plan.ts';

/** When a VU's next iteration is due, after one that started and ended at these times; whole microseconds. */
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
