import { isAdmitted, isRejected } from './attempts.ts';
import type { Run } from './run-view.ts';

/** What happened in one second of a run. */
export interface Second {
  /** The second's start. */
  readonly atS: number;
  /** First attempts: the load before any retry. */
  readonly offered: number;
  readonly attempts: number;
  readonly admitted: number;
  readonly rejected: number;
}

/** Attempts by the second in which they were received, from the first second to the last, empty ones included. */
export function perSecond(run: Run): Second[] {
  const seconds = Math.max(1, Math.ceil(run.endUs / 1e6));
  const bins = Array.from({ length: seconds }, (_, atS) => ({
    atS,
    offered: 0,
    attempts: 0,
    admitted: 0,
    rejected: 0,
  }));
  for (const attempt of run.attempts) {
    const bin = bins[Math.min(seconds - 1, Math.floor(attempt.startUs / 1e6))]!;
    bin.attempts++;
    if (attempt.number === 1) bin.offered++;
    if (isAdmitted(attempt)) bin.admitted++;
    if (isRejected(attempt)) bin.rejected++;
  }
  return bins;
}
