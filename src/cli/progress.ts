import { formatDuration } from '../../mock-server/duration.ts';
import type { JournalRecord } from '../journal/record.ts';

/** How often a line is printed where it cannot be rewritten. */
const PLAIN_EVERY_S = 10;

/** Shows on stderr how far a run is: one line that is rewritten on a terminal, a line now and then elsewhere. */
export function createProgress(quiet: boolean): {
  tick(progress: { elapsedUs: number; records: readonly JournalRecord[] }): void;
  end(): void;
} {
  const live = process.stderr.isTTY;
  const counts = createCounts();
  return {
    tick({ elapsedUs, records }) {
      const seconds = Math.round(elapsedUs / 1e6);
      if (quiet || (!live && seconds % PLAIN_EVERY_S !== 0)) return;
      const line = `${formatDuration(seconds * 1e6)}  ${counts.text(records)}`;
      process.stderr.write(live ? `\r\u001b[K  ${line}` : `${line}\n`);
    },
    end() {
      if (live && !quiet) process.stderr.write('\r\u001b[K');
    },
  };
}

/** Counts records, looking at each only once. */
function createCounts(): { text(records: readonly JournalRecord[]): string } {
  let seen = 0;
  const counts = { calls: 0, failed: 0, attempts: 0, rejected: 0 };
  return {
    text(records) {
      for (; seen < records.length; seen++) {
        const record = records[seen]!;
        if (record.type === 'call') {
          counts.calls++;
          if (record.result === 'error') counts.failed++;
        } else if (record.type === 'attempt') {
          counts.attempts++;
          if (record.status === 429) counts.rejected++;
        }
      }
      const { calls, failed, attempts, rejected } = counts;
      return `${calls} calls ended, ${failed} failed; ${attempts} attempts, ${rejected} refused`;
    },
  };
}
