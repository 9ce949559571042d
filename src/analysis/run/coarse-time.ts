import { toleranceUs } from '../judging/tolerance.ts';
import { computeMetric } from '../metrics/metrics.ts';
import { median } from '../statistics/percentile.ts';
import type { Run } from './run-view.ts';

/** A tolerance of this share of the usual wait leaves verdicts on waits little to go by. */
const MOST_OF_A_WAIT = 0.5;

/** A scaled run whose moments are less exact than its waits are long. Microseconds. */
export interface CoarseTime {
  readonly toleranceUs: number;
  /** Half of the waits before retries were shorter. */
  readonly waitUs: number;
  /** A speed at which they might be told apart; 1 is wall time. */
  readonly slower: number;
}

/** Whether clocks ran so fast, or the machine was so busy, that verdicts on waits may be wrong; undefined where not. */
export function coarseTime(run: Run): CoarseTime | undefined {
  const { speed } = run.header.scenario;
  if (run.header.time !== 'scaled' || speed === undefined) return undefined;
  const waits = computeMetric(run, 'retry_wait', {});
  if (waits.type !== 'trend' || waits.sorted.length === 0) return undefined;
  const [tauUs, waitUs] = [toleranceUs(run), median(waits.sorted)];
  const mostUs = MOST_OF_A_WAIT * waitUs;
  if (tauUs <= mostUs) return undefined;
  return { toleranceUs: tauUs, waitUs, slower: Math.max(1, Math.floor((speed * mostUs) / tauUs)) };
}
