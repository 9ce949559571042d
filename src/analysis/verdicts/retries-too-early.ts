import { formatMetric } from '../format.ts';
import { above, defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { hintedWaits } from '../judging/hinted-waits.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { share } from '../judging/verdict-setting.ts';
import { findRetries } from '../run/attempts.ts';
import type { Attempt } from '../run/run-view.ts';
import { topBy } from '../statistics/top-by.ts';

/** A retry, and how long it came before the limiter could admit it. */
interface TimedRetry {
  readonly next: Attempt;
  readonly earlyUs: number;
  /** The client waited as long as the refusal said, which was too short. */
  readonly obeyed: boolean;
}

/** In time that a machine may disturb, one early retry is no proof. */
const MIN_EARLY = 2;

/**
 * Detects retries that come before the limiter could admit them (`backoff.md` 3.2): before the earliest instant at which this
 * request, alone, would have been admitted. A retry that came in time but lost the capacity to another caller is not early. Each
 * early retry counts, whatever was told; where all of them came as told, the hint is at fault too, and the verdict only warns.
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
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of retries`,
  decide(run, { warn, fail }) {
    const tauUs = toleranceUs(run);
    const told = new Map(hintedWaits(run).map((one) => [one.next, one]));
    const timed = findRetries(run).flatMap(({ refused, next, gapUs }): TimedRetry[] => {
      const { admitAfterUs, startUs } = refused;
      const meantUs = told.get(next)?.meantUs ?? 0;
      const obeyed = meantUs > 0 && gapUs >= meantUs - tauUs;
      return admitAfterUs === undefined ? [] : [{ next, earlyUs: startUs + admitAfterUs - next.startUs, obeyed }];
    });
    const n = timed.length;
    if (n === 0) return notApplicable('No refused request that could pass later was retried.');
    const early = timed.filter(({ earlyUs }) => earlyUs > tauUs);
    const asTold = early.filter(({ obeyed }) => obeyed).length;
    const isProof = (isExact(run) || early.length >= MIN_EARLY) && asTold < early.length;
    const status = above(early.length / n, warn, fail);
    return {
      status: status === 'fail' && !isProof ? 'warn' : status,
      n,
      needed: 1,
      figure: early.length / n,
      evidence: topBy(early, ({ earlyUs }) => earlyUs, MAX_EVIDENCE).map(({ next, earlyUs }) =>
        proof(next, `retried ${formatMetric(earlyUs)} before the limit could admit it`),
      ),
      reason: `${early.length} of ${n} retries came before the limit could admit them${describeTold(asTold, early.length)}.`,
      advice:
        'Wait for Retry-After. Without it, start with the time in which the quota admits one more request, and double that.',
    };
  },
});

function describeTold(asTold: number, early: number): string {
  if (asTold === 0) return '';
  return asTold === early ? ', as they were told to' : `; ${asTold} of them were told to come then`;
}
