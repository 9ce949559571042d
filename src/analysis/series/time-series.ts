import { isAnswered, isRejected } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';

/** Rates per second in one time bin of a run. */
export interface TimeBin {
  /** Start and length in seconds. */
  readonly atS: number;
  readonly lengthS: number;
  /** First attempts: the load before any retry. */
  readonly offered: number;
  readonly attempts: number;
  /** Answered: admitted, and the reply was complete. */
  readonly admitted: number;
  readonly rejected: number;
}

/** Bin lengths that are easy to read on an axis. */
const BIN_LENGTHS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Raw-load replies at most this long after the last whole second are counted in that second. */
const TAIL_S = 0.2;

/** More bins than this cannot be distinguished in a chart. */
const MAX_BINS = 300;

/**
 * Computes rates over time bins of equal length, empty bins included. Attempts count when received, attempts counted per
 * second when they ended. Bins last 1 s, or longer for long runs.
 */
export function computeTimeSeries(run: Run): TimeBin[] {
  const seconds = Math.max(1, Math.ceil(run.endUs / 1e6 - (run.seconds.length > 0 ? TAIL_S : 0)));
  const lengthS = BIN_LENGTHS_S.find((length) => seconds / length <= MAX_BINS) ?? BIN_LENGTHS_S.at(-1)!;
  const count = Math.ceil(seconds / lengthS);
  const bins = Array.from({ length: count }, (_, index) => ({
    atS: index * lengthS,
    lengthS: Math.min(lengthS, seconds - index * lengthS),
    offered: 0,
    attempts: 0,
    admitted: 0,
    rejected: 0,
  }));
  const add = (attempt: Parameters<typeof isAnswered>[0], atUs: number, times: number, first: boolean) => {
    const bin = bins[Math.min(count - 1, Math.floor(atUs / 1e6 / lengthS))]!;
    const share = times / bin.lengthS;
    bin.attempts += share;
    if (first) bin.offered += share;
    if (isAnswered(attempt)) bin.admitted += share;
    if (isRejected(attempt)) bin.rejected += share;
  };
  for (const attempt of run.attempts) add(attempt, attempt.startUs, 1, attempt.number === 1);
  for (const { startUs, attempts } of run.seconds)
    for (const group of attempts ?? []) add(group, startUs, group.count, true);
  return bins;
}
