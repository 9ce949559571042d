import { coarseTime } from '../analysis/run/coarse-time.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { formatMetric } from './format.ts';

/** The time of a run in words: `virtual time`, `time scaled by 60`. */
export function timeText({ time, scenario }: Run['header']): string {
  return time === 'scaled' ? `time scaled by ${scenario.speed}` : `${time} time`;
}

/** Why verdicts on the waits of a scaled run are to be read with care, and what to do; undefined where they are not. */
export function coarseText(run: Run): string | undefined {
  const coarse = coarseTime(run);
  if (!coarse) return undefined;
  const { toleranceUs, waitUs, slower } = coarse;
  const time = slower > 1 ? `time: { scaled: ${slower} }` : 'time: wall';
  return (
    `Moments of this run are exact to ${formatMetric(toleranceUs)}, and half of its waits are shorter than ` +
    `${formatMetric(waitUs)}: read verdicts on waits with care. Use ${time}, or less load.`
  );
}
