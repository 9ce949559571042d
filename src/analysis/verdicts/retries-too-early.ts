import { formatDuration } from '../../../mock-server/duration.ts';
import { type Retry, retriesOf } from '../attempts.ts';
import { attributionGap, undecided } from '../finding.ts';
import type { Run } from '../run-view.ts';
import { toleranceUs } from '../tolerance.ts';
import type { Evidence, Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn > 5 %, fail > 20 % of retries';
const WARN = 0.05;
const FAIL = 0.2;
const NEEDED = 5;
/** So many are proof if every one of them was early. */
const ALL_EARLY = 2;

/** A retry, and how long before any limiter could have let it in. */
interface Timed extends Retry {
  readonly earlyUs: number;
}

/**
 * Does it come back when the limiter cannot have let it in, whatever the header said? (`backoff.md` 3.2.) A retry that came
 * when there was room, and lost it to another caller, is not early.
 */
export const retriesTooEarly: Judge = {
  id: 'retries-too-early',
  question: 'Does it come back before there can be room?',
  defaultSeverity: 'warn',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const timed = retriesOf(run).flatMap((retry): Timed[] => {
      const { admitAfterUs, startUs } = retry.refused;
      return admitAfterUs === undefined ? [] : [{ ...retry, earlyUs: startUs + admitAfterUs - retry.next.startUs }];
    });
    const early = timed.filter(({ earlyUs }) => earlyUs > toleranceUs(run));
    const common = { unit: 'share of retries', threshold: THRESHOLD, n: timed.length, needed: NEEDED };
    if (timed.length === 0)
      return undecided('not-applicable', { ...common, reason: 'No refusal was followed by another attempt.' });
    const proof = early.length === timed.length && timed.length >= ALL_EARLY;
    if (timed.length < NEEDED && !proof) {
      return undecided('inconclusive', {
        ...common,
        reason: `${timed.length} retries were seen; ${NEEDED} are needed.`,
        advice: 'Run longer, or with more load.',
      });
    }
    return { ...common, ...verdictOn(early, timed.length) };
  },
};

function verdictOn(early: readonly Timed[], retries: number): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  const share = early.length / retries;
  const status = share > FAIL ? 'fail' : share > WARN ? 'warn' : 'pass';
  return {
    status,
    figure: share,
    evidence:
      status === 'pass'
        ? []
        : early
            .toSorted((a, b) => b.earlyUs - a.earlyUs)
            .slice(0, 10)
            .map(evidenceOf),
    reason: `${early.length} of ${retries} retries came while no limiter could have let them in.`,
    advice:
      status === 'pass'
        ? ''
        : 'Wait for Retry-After, or for a pause that grows from about the time a unit takes to come back.',
  };
}

function evidenceOf({ call, next, earlyUs }: Timed): Evidence {
  return {
    call: call.id,
    attempt: next.id,
    atUs: next.startUs,
    what: `came ${formatDuration(earlyUs)} before there could be room`,
  };
}
