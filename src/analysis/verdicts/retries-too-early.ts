import { formatDuration } from '../../../mock-server/duration.ts';
import { above, defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { findRetries } from '../run/attempts.ts';
import type { Attempt } from '../run/run-view.ts';
import { topBy } from '../statistics/top-by.ts';

/** If all retries were early, this many are enough for a verdict. */
const MIN_ALL_EARLY = 2;

/** A retry, and how long it came before the limiter could admit it. */
interface TimedRetry {
  readonly next: Attempt;
  readonly earlyUs: number;
}

/**
 * Detects retries that come before the limiter could admit them, whatever Retry-After said (`backoff.md` 3.2). A retry that
 * came in time but lost the capacity to another caller is not early.
 */
export const retriesTooEarly = defineJudge({
  id: 'retries-too-early',
  question: 'Does it retry before the limit can admit the request?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set a limit below the load, so that requests are refused.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 'share of retries',
  settings: {
    warn: share(0.05, 'warn above this share of early retries'),
    fail: share(0.2, 'fail above this share of early retries'),
    needed: number(5, 'minimum retries'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of retries`,
  decide(run, { warn, fail, needed }) {
    const timed = findRetries(run).flatMap(({ refused, next }): TimedRetry[] => {
      const { admitAfterUs, startUs } = refused;
      return admitAfterUs === undefined ? [] : [{ next, earlyUs: startUs + admitAfterUs - next.startUs }];
    });
    const n = timed.length;
    if (n === 0) return notApplicable('No refused request that could pass later was retried.');
    const tauUs = toleranceUs(run);
    const early = timed.filter(({ earlyUs }) => earlyUs > tauUs);
    const proven = early.length === n && n >= MIN_ALL_EARLY;
    if (n < needed && !proven) {
      return inconclusive(n, needed, `${n} retries; ${needed} are needed.`, 'Run longer or with more load.');
    }
    return {
      status: above(early.length / n, warn, fail),
      n,
      needed,
      figure: early.length / n,
      evidence: topBy(early, ({ earlyUs }) => earlyUs, MAX_EVIDENCE).map(({ next, earlyUs }) =>
        proof(next, `retried ${formatDuration(earlyUs)} before the limit could admit it`),
      ),
      reason: `${early.length} of ${n} retries came before the limit could admit them.`,
      advice:
        'Wait for Retry-After. Without it, start with the time in which the quota admits one more request, and double that.',
    };
  },
});
