import { formatDuration } from '../../mock-server/duration.ts';
import { isRejected } from '../analysis/run/attempts.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { SecondRecord } from '../journal/second-record.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Interval between progress lines if stderr is not a terminal, in milliseconds. */
const LINE_INTERVAL_MS = 10_000;

/**
 * Shows the progress of a run on stderr: one rewritten line on a terminal, otherwise a line every 10 s. Except in wall time
 * it includes the speed relative to real time.
 */
export function createProgress(
  quiet: boolean,
  time: Scenario['time'],
): {
  add(record: JournalRecord): void;
  tick(progress: { readonly elapsedUs: number }): void;
  end(): void;
} {
  const live = process.stderr.isTTY;
  const counts = createProgressCounts();
  const startedMs = performance.now();
  let plainMs = startedMs;
  return {
    add: counts.add,
    tick({ elapsedUs }) {
      const nowMs = performance.now();
      if (quiet || (!live && nowMs - plainMs < LINE_INTERVAL_MS)) return;
      plainMs = nowMs;
      const speed = Math.round(elapsedUs / 1000 / (nowMs - startedMs));
      const faster = time === 'wall' ? '' : ` (${speed.toLocaleString('en-US')} times real time)`;
      const line = `${formatDuration(Math.round(elapsedUs / 1e6) * 1e6)}${faster}  ${counts.text()}`;
      process.stderr.write(live ? `\r\u001b[K  ${line}` : `${line}\n`);
    },
    end() {
      if (live && !quiet) process.stderr.write('\r\u001b[K');
    },
  };
}

function createProgressCounts(): { add(record: JournalRecord): void; text(): string } {
  const counts = { calls: 0, failed: 0, attempts: 0, rejected: 0 };
  const countSecond = ({ calls = [], attempts = [] }: SecondRecord): void => {
    for (const { result, count } of calls) {
      counts.calls += count;
      if (result === 'error') counts.failed += count;
    }
    for (const group of attempts) {
      counts.attempts += group.count;
      if (isRejected(group)) counts.rejected += group.count;
    }
  };
  return {
    add(record) {
      if (record.type === 'call') {
        counts.calls++;
        if (record.result === 'error') counts.failed++;
      } else if (record.type === 'attempt') {
        counts.attempts++;
        if (isRejected(record)) counts.rejected++;
      } else if (record.type === 'second') countSecond(record);
    },
    text() {
      const { calls, failed, attempts, rejected } = counts;
      return `${calls} calls ended, ${failed} failed; ${attempts} attempts, ${rejected} refused`;
    },
  };
}
