import type { Analysis } from '../analysis/analysis.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { formatMetric } from './format.ts';

/** Returns the time of a run in words: `virtual time`, `time scaled by 60`. */
export function timeText({ time, scenario }: Run['header']): string {
  return time === 'scaled' ? `time scaled by ${scenario.speed}` : `${time} time`;
}

/** Returns a warning if scaled time is too coarse for the waits of a run, with what to do; otherwise undefined. */
export function coarseText({ coarseTime }: Analysis): string | undefined {
  if (!coarseTime) return undefined;
  const { toleranceUs, waitUs, slower } = coarseTime;
  const time = slower > 1 ? `time: { scaled: ${slower} }` : 'time: wall';
  return (
    `Times in this run are exact to ${formatMetric(toleranceUs)}, and half of its waits are shorter than ` +
    `${formatMetric(waitUs)}. Treat verdicts on waits with caution. Use ${time}, or less load.`
  );
}
