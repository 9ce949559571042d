import { isAdmitted, isRejected } from './attempts.ts';
import type { Attempt, Run } from './run-view.ts';

/** What happened in one stretch of a run, as rates per second. */
export interface Stretch {
  /** Its start and length. */
  readonly atS: number;
  readonly lengthS: number;
  /** First attempts: the load before any retry. */
  readonly offered: number;
  readonly attempts: number;
  readonly admitted: number;
  readonly rejected: number;
}

/** Lengths that people count in. */
const LENGTHS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Raw load ends as soon as it is told to: what comes in so little after a whole second belongs to that. */
const TAIL_S = 0.2;

/** More stretches than this cannot be told apart on a drawing. */
const MOST = 300;

/**
 * Attempts by when they were received (those counted by the second, by when they ended), from the first second to the last,
 * empty stretches included: seconds, or as much longer stretches as a long run needs.
 */
export function stretchesOf(run: Run): Stretch[] {
  const seconds = Math.max(1, Math.ceil(run.endUs / 1e6 - (run.seconds.length > 0 ? TAIL_S : 0)));
  const lengthS = LENGTHS_S.find((length) => seconds / length <= MOST) ?? LENGTHS_S.at(-1)!;
  const count = Math.ceil(seconds / lengthS);
  const bins = Array.from({ length: count }, (_, index) => ({
    atS: index * lengthS,
    lengthS: Math.min(lengthS, seconds - index * lengthS),
    offered: 0,
    attempts: 0,
    admitted: 0,
    rejected: 0,
  }));
  const add = (
    attempt: Pick<Attempt, 'status' | 'outcome' | 'errorCode'>,
    atUs: number,
    times: number,
    first: boolean,
  ) => {
    const bin = bins[Math.min(count - 1, Math.floor(atUs / 1e6 / lengthS))]!;
    const share = times / bin.lengthS;
    bin.attempts += share;
    if (first) bin.offered += share;
    if (isAdmitted(attempt)) bin.admitted += share;
    if (isRejected(attempt)) bin.rejected += share;
  };
  for (const attempt of run.attempts) add(attempt, attempt.startUs, 1, attempt.number === 1);
  for (const { startUs, attempts } of run.seconds)
    for (const group of attempts ?? []) add(group, startUs, group.count, true);
  return bins;
}
