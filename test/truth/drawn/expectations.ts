import type { VerdictId } from '../../../src/analysis/judging/judge-run.ts';
import {
  expectGivesUpOnReset,
  expectHedges,
  expectHides,
  expectImpossible,
  expectNoDeadline,
  expectNonRetryable,
  expectOverloadFatal,
  expectReplays,
  expectSwallows,
  expectWaste,
  expectWithoutKey,
} from './expect-endings.ts';
import {
  expectAmplifies,
  expectBlowUp,
  expectBoundary,
  expectGivesUpEarly,
  expectLayers,
  expectNoRecovery,
  expectStampede,
  expectStarves,
  expectUnbounded,
  expectUnused,
} from './expect-load.ts';
import {
  expectClockSkew,
  expectFixedInterval,
  expectHerd,
  expectIgnores,
  expectMisreads,
  expectNoJitter,
  expectOverWaits,
  expectTooEarly,
} from './expect-waits.ts';
import type { Expectation, Seen } from './seen.ts';

/** Verdicts on several providers; the cases here have one. */
type Failover = 'no-failover' | 'overruns-fallback' | 'tries-shut-provider' | 'fails-over-late' | 'no-fail-back';

/** What each verdict ought to say about a case, from the value and the journal alone. `backoff-shape` only informs. */
export const EXPECTATIONS: Readonly<
  Record<Exclude<VerdictId, 'backoff-shape' | Failover>, (seen: Seen) => Expectation>
> = {
  'ignores-retry-after': expectIgnores,
  'amplifies-load': expectAmplifies,
  'synchronised-herd': expectHerd,
  'gives-up-early': expectGivesUpEarly,
  'retries-non-retryable': expectNonRetryable,
  'retries-impossible-request': expectImpossible,
  'swallows-rejection': expectSwallows,
  'replays-partial-stream': expectReplays,
  'unbounded-retries': expectUnbounded,
  'no-deadline': expectNoDeadline,
  'retries-too-early': expectTooEarly,
  'over-waits': expectOverWaits,
  'misreads-retry-after': expectMisreads,
  'fixed-interval': expectFixedInterval,
  'no-jitter': expectNoJitter,
  'layered-retries': expectLayers,
  'treats-overload-as-fatal': expectOverloadFatal,
  'gives-up-on-reset': expectGivesUpOnReset,
  'does-not-recover': expectNoRecovery,
  'leaves-quota-unused': expectUnused,
  'concurrency-blow-up': expectBlowUp,
  'wasted-tokens': expectWaste,
  'limit-per-process': () => 'clean',
  'starves-callers': expectStarves,
  'bursts-at-window-boundary': expectBoundary,
  'restart-stampede': expectStampede,
  'repeats-without-key': expectWithoutKey,
  'clock-skewed-retry-after': expectClockSkew,
  hedges: expectHedges,
  'hides-retries': expectHides,
};

export type JudgedId = keyof typeof EXPECTATIONS;
export const JUDGED = Object.keys(EXPECTATIONS) as readonly JudgedId[];
