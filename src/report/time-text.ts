import type { Run } from '../analysis/run-view.ts';

/** The time of a run in words: `virtual time`, `time scaled by 60`. */
export function timeText({ time, scenario }: Run['header']): string {
  return time === 'scaled' ? `time scaled by ${scenario.speed}` : `${time} time`;
}
