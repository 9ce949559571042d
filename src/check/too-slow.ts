import { formatMetric } from '../analysis/format.ts';
import type { VerdictId } from '../analysis/judging/judge-run.ts';
import { toleranceUs } from '../analysis/judging/tolerance.ts';
import { computeMetric } from '../analysis/metrics/metrics.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { median } from '../analysis/statistics/percentile.ts';
import type { RowResult } from './judge-row.ts';
import type { CheckRow } from './row.ts';

/** Times closer than this cannot be told apart on a slow machine; half of the shortest wait that the battery asks for. */
const MAX_TOLERANCE_US = 500_000;

/** Verdicts on what was sent and returned. They hold however late the machine was. */
const TIMELESS: ReadonlySet<string> = new Set<VerdictId>([
  'hides-retries',
  'repeats-without-key',
  'replays-partial-stream',
  'retries-impossible-request',
  'retries-non-retryable',
  'swallows-rejection',
]);

/**
 * Returns whether the result of a row may come from the machine instead of the client: it rests on times, and the run's timers
 * were too late for them. Never in virtual time.
 */
export function isTooSlow(row: CheckRow, run: Run, { verdict, decidedBy }: RowResult): boolean {
  if (isRepeatable(run.header.time) || toleranceUs(run) <= MAX_TOLERANCE_US) return false;
  switch (verdict) {
    case 'not-applicable':
      return false;
    case 'pass':
      return !Object.keys(row.verdicts).every((id) => TIMELESS.has(id)) && hidesWaits(run);
    default:
      return !TIMELESS.has(decidedBy);
  }
}

/** Whether half of the waits are too short for what this run can tell, so that one that is wrong looks right. */
function hidesWaits(run: Run): boolean {
  const waits = computeMetric(run, 'retry_wait', {});
  return waits.type === 'trend' && waits.sorted.length > 0 && toleranceUs(run) > median(waits.sorted) / 2;
}

/** Returns the result of a row of which the machine was too slow, also when it ran by itself: undecided, with what was seen. */
export function tooSlowResult(result: RowResult, run: Run): RowResult {
  const { id, verdict, decidedBy, reason } = result;
  const seen = `It looked like ${verdict}${decidedBy === '' ? '' : ` (${decidedBy})`}${reason === '' ? '.' : `: ${reason}`}`;
  return {
    ...result,
    verdict: 'undecided',
    reason: `The machine was too slow: times in this run are exact to ${formatMetric(toleranceUs(run))} only. ${seen}`,
    act: `Run it again with less beside it: --only ${id}.`,
  };
}
