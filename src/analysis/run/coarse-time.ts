import { toleranceUs } from '../judging/tolerance.ts';
import { computeMetric } from '../metrics/metrics.ts';
import { median } from '../statistics/percentile.ts';
import type { Run } from './run-view.ts';

/** Verdicts on waits are unreliable if the tolerance exceeds this share of the median wait. */
const MAX_WAIT_SHARE = 0.5;

/** A scaled run whose time resolution is too coarse for its waits. Microseconds. */
export interface CoarseTime {
  readonly toleranceUs: number;
  /** Median wait before retries. */
  readonly waitUs: number;
  /** A lower speed with enough resolution; 1 means wall time. */
  readonly slower: number;
}

/** Returns the resolution of a scaled run if it is too coarse for verdicts on waits (high speed or busy machine). */
export function findCoarseTime(run: Run): CoarseTime | undefined {
  const { speed } = run.header.scenario;
  if (run.header.time !== 'scaled' || speed === undefined) return undefined;
  const waits = computeMetric(run, 'retry_wait', {});
  if (waits.type !== 'trend' || waits.sorted.length === 0) return undefined;
  const [tauUs, waitUs] = [toleranceUs(run), median(waits.sorted)];
  const maxToleranceUs = MAX_WAIT_SHARE * waitUs;
  if (tauUs <= maxToleranceUs) return undefined;
  return { toleranceUs: tauUs, waitUs, slower: Math.max(1, Math.floor((speed * maxToleranceUs) / tauUs)) };
}
