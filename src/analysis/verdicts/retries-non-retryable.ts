import { formatMetric } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { number } from '../judging/verdict-setting.ts';
import { nonRetryableReason, waitBeforeUs } from '../run/attempts.ts';
import { nextAtProvider } from '../run/by-provider.ts';
import { createTokenCounter } from '../run/charged-tokens.ts';
import { describeEnding } from '../run/describe-ending.ts';
import { type Job, jobsOf } from '../run/jobs.ts';
import type { Attempt } from '../run/run-view.ts';

/** A request that was retried unchanged after an error that cannot change. */
interface Futile {
  readonly job: Job;
  readonly refused: Attempt;
  readonly next: Attempt;
  readonly why: NonNullable<ReturnType<typeof nonRetryableReason>>;
}

/**
 * Detects retries that cannot succeed (`backoff.md` 3.10): the same body again after a client error, a billing refusal, or
 * `x-should-retry: false`. One such retry is proof.
 */
export const retriesNonRetryable = defineJudge({
  id: 'retries-non-retryable',
  question: 'Does it retry requests that cannot succeed?',
  severity: 'error',
  decidedBy: 'instance',
  arrange: 'Add a fault whose status a retry cannot change, such as 400 or 401.',
  about: 'calls',
  needs: { bodies: 'to-decide', 'inner-attempts': 'to-decide' },
  unit: 'futile retries',
  settings: { fail: number(3, 'fail from this many futile retries in one call or job') },
  threshold: ({ fail }) =>
    `warn > 0, fail ≥ ${fail} in one call or job, or any after a client error such as 400 or 401`,
  decide(run, { fail }) {
    const hopeless = run.attempts.filter((attempt) => isFutile(nonRetryableReason(attempt)));
    const n = hopeless.length;
    if (n === 0) return notApplicable('No request got a non-retryable error.');
    const futile = jobsOf(run).flatMap(findFutile);
    if (futile.length === 0) {
      const reason = `0 of ${n} requests with a non-retryable error were retried unchanged.`;
      return { status: 'pass', n, needed: 1, figure: 0, reason };
    }
    return { n, needed: 1, ...judgeFutile(futile, fail, createTokenCounter(run)) };
  },
});

/** `retries-impossible-request` judges requests larger than a limit. */
function isFutile(why: ReturnType<typeof nonRetryableReason>): why is Futile['why'] {
  return why !== undefined && why !== 'too large';
}

/** A request that was sent before the refusal was known, such as a hedge, is no retry. */
function findFutile(job: Job): Futile[] {
  return job.attempts.flatMap((refused, index): Futile[] => {
    const why = nonRetryableReason(refused);
    const next = nextAtProvider(job.attempts, index);
    if (!next || !isFutile(why) || next.bodyHash !== refused.bodyHash || waitBeforeUs(refused, next) < 0) return [];
    return [{ job, refused, next, why }];
  });
}

function judgeFutile(
  futile: readonly Futile[],
  fail: number,
  tokensOf: (attempt: Attempt) => number,
): Omit<Judgement, 'n' | 'needed'> {
  const perJob = [...Map.groupBy(futile, ({ job }) => job).values()];
  const worst = perJob.reduce((max, own) => (own.length > max.length ? own : max));
  const most = worst.length;
  const unit = worst[0]!.job.calls.length > 1 ? 'job' : 'call';
  const never = futile.some(({ why }) => why === 'mistake');
  const kinds = [...new Set(futile.map(({ refused, why }) => describeRefusal(refused, why)))];
  return {
    status: never || most >= fail ? 'fail' : 'warn',
    figure: futile.length,
    evidence: futile
      .slice(0, MAX_EVIDENCE)
      .map(({ refused, why }) => proof(refused, `${describeRefusal(refused, why)}, retried unchanged`)),
    reason: `${futile.length} futile ${futile.length === 1 ? 'retry' : 'retries'}, up to ${most} in one ${unit}, after ${kinds.join('; ')}. ${describeCost(futile, tokensOf)}`,
    advice:
      'Check the error before retrying: its status, `x-should-retry` and its code. SDK retries ignore the code, ' +
      'so catch the error and stop, or set maxRetries to 0 and retry yourself.',
  };
}

/** What the retries took: from each refusal to the end of the attempt after it, and what that attempt sent and was charged. */
function describeCost(futile: readonly Futile[], tokensOf: (attempt: Attempt) => number): string {
  const total = (of: (one: Futile) => number): number => futile.reduce((sum, one) => sum + of(one), 0);
  const tookUs = total(({ refused, next }) => waitBeforeUs(refused, next) + next.endUs - next.startUs);
  const tokens = total(({ next }) => tokensOf(next));
  const charged = tokens === 0 ? 'no tokens' : `${tokens} tokens`;
  return `They cost ${formatMetric(tookUs)}, ${total(({ next }) => next.bodyBytes)} bytes of requests and ${charged}.`;
}

function describeRefusal(refused: Attempt, why: Futile['why']): string {
  const named = describeEnding(refused);
  return why === 'should-not-retry' ? `${named} with x-should-retry: false` : named;
}
