import { formatDuration } from '../../../mock-server/duration.ts';
import { clearest } from '../judging/clearest.ts';
import { above, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { retriesOf } from '../run/attempts.ts';
import type { Attempt } from '../run/run-view.ts';

/** So many are proof if every one of them was early. */
const ALL_EARLY = 2;

/** A retry, and how long before any limiter could have let it in. */
interface Timed {
  readonly next: Attempt;
  readonly earlyUs: number;
}

/**
 * Does it come back when the limiter cannot have let it in, whatever the header said? (`backoff.md` 3.2.) A retry that came
 * when there was room, and lost it to another caller, is not early.
 */
export const retriesTooEarly = defineJudge({
  id: 'retries-too-early',
  question: 'Does it come back before there can be room?',
  severity: 'warn',
  about: 'calls',
  unit: 'share of retries',
  settings: {
    warn: share(0.05, 'share of early retries above which it warns'),
    fail: share(0.2, 'share of early retries above which it fails'),
    needed: number(5, 'retries that must have been seen'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of retries`,
  decide(run, { warn, fail, needed }) {
    const timed = retriesOf(run).flatMap(({ refused, next }): Timed[] => {
      const { admitAfterUs, startUs } = refused;
      return admitAfterUs === undefined ? [] : [{ next, earlyUs: startUs + admitAfterUs - next.startUs }];
    });
    const n = timed.length;
    if (n === 0) return neverArose('No refusal that would have passed in time was followed by another attempt.');
    const tauUs = toleranceUs(run);
    const early = timed.filter(({ earlyUs }) => earlyUs > tauUs);
    const proven = early.length === n && n >= ALL_EARLY;
    if (n < needed && !proven) {
      return tooLittle(n, needed, `${n} retries were seen; ${needed} are needed.`, 'Run longer, or with more load.');
    }
    return {
      status: above(early.length / n, warn, fail),
      n,
      needed,
      figure: early.length / n,
      evidence: clearest(early, ({ earlyUs }) => earlyUs).map(({ next, earlyUs }) =>
        proof(next, `came ${formatDuration(earlyUs)} before there could be room`),
      ),
      reason: `${early.length} of ${n} retries came while no limiter could have let them in.`,
      advice:
        'Wait for Retry-After; where nothing is told, begin with about the time the quota takes to let one more in, and double it.',
    };
  },
});
