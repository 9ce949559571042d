import { isAnswered } from '../../mock-server/ending.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import { endOf, isRetryable, outcomeKnownUs } from './ending.ts';

/** A range of times, both ends included. */
export interface WaitRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What a client does after a failure: it never retries, always retries within a range (of times, not waits), or unknown. */
export type NextAttempt = 'never' | 'unknown' | WaitRange;

/** How a client retries, learned from calls whose attempts are certain. */
export interface RetryWaits {
  /** After the `number`th attempt of a call, from 1. */
  after(failed: AttemptTrace, number: number): NextAttempt;
  /** After a failure whose number is unknown: `never`, or the range that covers every number. */
  afterAny(failed: AttemptTrace): NextAttempt;
}

/** Cases needed to learn from. */
const MIN_CASES = 20;
/** A failure this near the end may have been retried after the end. */
const NEAR_END_US = 30_000_000;
/** "Always" and "never" allow this share of exceptions. */
const MAX_EXCEPTIONS_SHARE = 0.02;
/** The observed waits do not cover the whole range. */
const MARGIN_SHARE = 0.25;
const MARGIN_US = 10_000;

interface RetryCase {
  readonly failed: AttemptTrace;
  /** Absent if the attempt was not retried. */
  readonly waitUs?: number;
}

/** Learns from calls, each with its attempts in order of start; returns undefined with too few cases. */
export function learnRetryWaits(calls: readonly (readonly AttemptTrace[])[]): RetryWaits | undefined {
  const lastUs = calls.flat().reduce((last, attempt) => Math.max(last, endOf(attempt)), -Infinity);
  const cases = new Map<string, RetryCase[]>();
  for (const attempts of calls) {
    for (const [index, failed] of attempts.entries()) {
      const next = attempts[index + 1];
      if (!next && (isAnswered(failed) || endOf(failed) + NEAR_END_US > lastUs)) continue;
      const retryCase = { failed, ...(next && { waitUs: next.startUs - outcomeKnownUs(failed) }) };
      for (const kind of [failureKind(failed, index + 1), failureKind(failed, 'any')]) {
        const sameKind = cases.get(kind);
        if (sameKind) sameKind.push(retryCase);
        else cases.set(kind, [retryCase]);
      }
    }
  }
  if (![...cases.values()].some(({ length }) => length >= MIN_CASES)) return undefined;
  const predictors = new Map(
    [...cases].map(([kind, sameKind]) => [kind, createPredictor(sameKind, kind.startsWith('any'))]),
  );
  const nextAttempt = (failed: AttemptTrace, number: number | 'any'): NextAttempt =>
    isRetryable(failed) ? (predictors.get(failureKind(failed, number))?.(failed) ?? 'unknown') : 'never';
  return { after: nextAttempt, afterAny: (failed) => nextAttempt(failed, 'any') };
}

/** Returns a key for failures after which a client behaves alike. */
function failureKind({ outcome, status, retryAfterUs }: AttemptTrace, number: number | 'any'): string {
  return `${number} ${outcome === 'response' ? status : outcome} ${retryAfterUs === undefined ? '' : 'retry-after'}`;
}

/**
 * A client waits for its own backoff, or for the requested wait plus its own jitter: the narrower range decides.
 * `mayStop`: some of the cases may be last attempts, so missing retries are not exceptions.
 */
function createPredictor(cases: readonly RetryCase[], mayStop: boolean): (failed: AttemptTrace) => NextAttempt {
  const retried = cases.filter(({ waitUs }) => waitUs !== undefined);
  const share = retried.length / cases.length;
  if (cases.length < MIN_CASES || retried.length < MIN_CASES) {
    return () => (cases.length >= MIN_CASES && share <= MAX_EXCEPTIONS_SHARE ? 'never' : 'unknown');
  }
  if (!mayStop && share < 1 - MAX_EXCEPTIONS_SHARE) return () => 'unknown';
  const ownWaits = rangeOf(retried.map(({ waitUs }) => waitUs!));
  const afterRequested = rangeOf(retried.map(({ waitUs, failed }) => waitUs! - (failed.retryAfterUs ?? 0)));
  const [range, factor] = widthOf(afterRequested) < widthOf(ownWaits) ? [afterRequested, 1] : [ownWaits, 0];
  return (failed) => {
    const fromUs = outcomeKnownUs(failed) + factor * (failed.retryAfterUs ?? 0);
    return { fromUs: fromUs + range.fromUs, toUs: fromUs + range.toUs };
  };
}

function rangeOf(waits: readonly number[]): WaitRange {
  const shortest = waits.reduce((a, b) => Math.min(a, b), Infinity);
  const longest = waits.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = (longest - shortest) * MARGIN_SHARE + MARGIN_US;
  return { fromUs: shortest - margin, toUs: longest + margin };
}

function widthOf({ fromUs, toUs }: WaitRange): number {
  return toUs - fromUs;
}
