import { formatDuration } from '../../mock-server/duration.ts';
import { isRejected } from '../analysis/run/attempts.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { SecondRecord } from '../journal/second-record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ProgressLine } from './progress.ts';

/** Shows the progress of a run; except in wall time with the speed relative to real time. */
export function createRunProgress(
  line: ProgressLine,
  time: Scenario['time'],
): {
  add(record: JournalRecord): void;
  tick(progress: { readonly elapsedUs: number }): void;
} {
  const counts = { calls: 0, failed: 0, attempts: 0, rejected: 0 };
  const startedMs = performance.now();
  return {
    add: (record) => countRecord(counts, record),
    tick({ elapsedUs }) {
      const { calls, failed, attempts, rejected } = counts;
      const speed = Math.round(elapsedUs / 1000 / (performance.now() - startedMs));
      line.show(
        formatDuration(Math.round(elapsedUs / 1e6) * 1e6),
        `${calls} calls ended${failed > 0 ? `, ${failed} failed` : ''}`,
        `${attempts} attempts${rejected > 0 ? `, ${rejected} refused` : ''}`,
        ...(time === 'wall' ? [] : [`${speed.toLocaleString('en-US')}× real time`]),
      );
    },
  };
}

interface Counts {
  calls: number;
  failed: number;
  attempts: number;
  rejected: number;
}

function countRecord(counts: Counts, record: JournalRecord): void {
  if (record.type === 'call') {
    counts.calls++;
    if (record.result === 'error') counts.failed++;
  } else if (record.type === 'attempt') {
    counts.attempts++;
    if (isRejected(record)) counts.rejected++;
  } else if (record.type === 'second') countSecond(counts, record);
}

function countSecond(counts: Counts, { calls = [], attempts = [] }: SecondRecord): void {
  for (const { result, count } of calls) {
    counts.calls += count;
    if (result === 'error') counts.failed += count;
  }
  for (const group of attempts) {
    counts.attempts += group.count;
    if (isRejected(group)) counts.rejected += group.count;
  }
}
