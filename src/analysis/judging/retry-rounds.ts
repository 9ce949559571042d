import { waitBeforeUs } from '../run/attempts.ts';
import type { Job } from '../run/jobs.ts';
import type { Attempt } from '../run/run-view.ts';

/** The rounds that the retry layers of one job made: `outer` rounds of up to `inner` attempts. */
export interface Rounds {
  readonly job: Job;
  readonly inner: number;
  readonly outer: number;
  /** The first attempt of the second round. */
  readonly again: Attempt;
}

/**
 * Counts the rounds of a job whose rounds are known: an SDK's retry count that starts at 0 again, or another call of the job.
 * A round that starts more than `deliberateUs` after the last attempt is new work on purpose. Requests to another provider or endpoint,
 * or for another model, are other work, and copies sent side by side are hedges. Undefined for a single round.
 */
export function countRounds(job: Job, deliberateUs: number): Rounds | undefined {
  const requests = Map.groupBy(job.attempts, ({ endpoint, model, provider }) => `${provider} ${endpoint} ${model}`);
  return [...requests.values()]
    .filter((attempts) => !isSideBySide(attempts))
    .flatMap((attempts) => roundsOf({ ...job, attempts }, deliberateUs) ?? [])
    .sort((a, b) => b.inner * b.outer - a.inner * a.outer)[0];
}

/** Whether a chain of retries goes on after the next has started, by the SDK's counts. */
function isSideBySide(attempts: readonly Attempt[]): boolean {
  const chains: number[] = [];
  return attempts.some(({ retryCount }) => {
    if (retryCount === undefined || retryCount === 0) {
      chains.push(0);
      return false;
    }
    const chain = chains.lastIndexOf(retryCount - 1);
    chains[chain] = retryCount;
    return chain >= 0 && chain < chains.length - 1;
  });
}

function roundsOf(job: Job, deliberateUs: number): Rounds | undefined {
  const starts = job.attempts.filter((attempt, index) => {
    const before = job.attempts[index - 1];
    return !before || startsRound(before, attempt);
  });
  let outer = 0;
  let [inner, size] = [0, 0];
  for (const [index, attempt] of job.attempts.entries()) {
    const before = job.attempts[index - 1];
    const isStart = starts.includes(attempt);
    if (isStart) size = 0;
    if (isStart && !(before && attempt.startUs - before.endUs > deliberateUs)) outer++;
    inner = Math.max(inner, ++size);
  }
  const again = starts[1];
  return again && outer > 1 && inner > 1 ? { job, inner, outer, again } : undefined;
}

function startsRound(before: Attempt, attempt: Attempt): boolean {
  return attempt.retryCount === 0 || attempt.call !== before.call;
}

/** Below this factor, the pause between rounds is no different from the waits inside them. */
const MIN_CONTRAST = 1.5;

/**
 * Finds rounds in the waits of one job: the same waits come again, with a pause between that differs, as in 0.1 s, 0.1 s, 5 s,
 * 0.1 s, 0.1 s, or waits that grow and start over. Two waits are equal within `toleranceUs`, or within the share `tolerance`. Undefined without two whole
 * rounds of at least two attempts.
 */
export function inferRounds(job: Job, toleranceUs: number, tolerance: number): Rounds | undefined {
  const { attempts } = job;
  const gaps = ownGaps(attempts);
  if (!gaps) return undefined;
  const isEqual = (a: number, b: number): boolean =>
    Math.abs(a - b) <= Math.max(toleranceUs, tolerance * Math.max(a, b));
  for (let size = 2; 2 * size <= attempts.length; size++) {
    const isPause = (index: number): boolean => index % size === size - 1;
    const repeats = gaps.every((gap, index) => isPause(index) || index < size || isEqual(gap, gaps[index - size]!));
    if (!repeats) continue;
    const inside = gaps.slice(0, size - 1);
    const pauses = gaps.filter((_, index) => isPause(index));
    const grows = size > 2 && inside.at(-1)! >= MIN_CONTRAST * inside[0]! && inside.at(-1)! - inside[0]! > toleranceUs;
    if (!grows && !pauses.every((pause) => inside.every((gap) => isApart(pause, gap, toleranceUs)))) continue;
    return { job, inner: size, outer: Math.ceil(attempts.length / size), again: attempts[size]! };
  }
  return undefined;
}

function isApart(a: number, b: number, toleranceUs: number): boolean {
  return Math.max(a, b) >= MIN_CONTRAST * Math.min(a, b) && Math.abs(a - b) > toleranceUs;
}

/**
 * Index of the first attempt whose wait is at most half of the previous wait, after waits had grown: where jittered waits
 * may start over.
 */
export function findFallback({ attempts }: Job): number | undefined {
  const gaps = ownGaps(attempts) ?? [];
  const fall = gaps.findIndex((gap, index) => index > 1 && gap <= gaps[index - 1]! / 2 && gaps[index - 1]! > gaps[0]!);
  return fall === -1 ? undefined : fall + 1;
}

/**
 * Returns the waits of attempts that repeat one request after one kind of ending. Undefined if something else may set their
 * lengths: a wait that the provider requested, another key or model, an ending of another kind.
 */
function ownGaps(attempts: readonly Attempt[]): number[] | undefined {
  const [first] = attempts;
  const failed = attempts.slice(0, -1);
  const isAlike = ({ key, model, endpoint, provider }: Attempt): boolean =>
    key === first?.key && model === first?.model && endpoint === first?.endpoint && provider === first?.provider;
  const sameEnding = failed.every(({ status, outcome }) => status === first?.status && outcome === first.outcome);
  if (!attempts.every(isAlike) || !sameEnding) return undefined;
  if (failed.some(({ retryAfterUs }) => retryAfterUs !== undefined)) return undefined;
  return attempts.slice(1).map((next, index) => waitBeforeUs(attempts[index]!, next));
}
