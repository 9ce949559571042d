import { formatDuration } from '../../../mock-server/duration.ts';
import { formatApart, formatMetric, round } from '../format.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { type HintedWait, hintedWaits, predictedUs } from '../judging/hinted-waits.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number } from '../judging/verdict-setting.ts';

/** HTTP dates have a resolution of one second. */
const RESOLUTION_US = 1_000_000;
const GAPS_NEEDED = 2;
/** A date that has passed by its own clock sends a client back at once each time, but for other waits in between. */
const MOSTLY = 0.8;

/**
 * Checks how a client reads a Retry-After date when clocks differ (`backoff.md` 3.26). The provider's `Date` has the same skew
 * as the Retry-After date, so a client that compares the latter with its own clock waits too long or not at all. In exact time
 * one wait that is wrong by exactly the skew is proof. Elsewhere the slope of (wait − requested wait) over the skew decides: 0
 * for a client that reads `Date`, 1 for a client that does not.
 */
export const clockSkewedRetryAfter = defineJudge({
  id: 'clock-skewed-retry-after',
  question: 'Does a date in Retry-After work when clocks differ?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set provider.dateSkew and retryAfter: http-date, and a limit below the load.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 'of the skew',
  settings: {
    warn: number(0.5, 'warn when waits follow more than this share of the skew'),
    tight: duration(100_000, 'a shorter wait counts as an immediate retry'),
  },
  threshold: ({ warn, tight }) =>
    `warn > ${warn}, fail: a retry within ${formatDuration(tight)} although a wait was requested`,
  decide(run, { warn, tight }) {
    const retries = hintedWaits(run).filter(({ form }) => form === 'date' || form === 'past date');
    if (!retries.some(({ hint }) => hint.skewUs !== 0)) {
      return notApplicable(
        'No retry followed a Retry-After date from a skewed clock (set provider.dateSkew and retryAfter: http-date).',
      );
    }
    const n = retries.length;
    const tauUs = toleranceUs(run);
    const least = RESOLUTION_US + tauUs;
    const behind = retries.filter(({ meantUs = 0, hint }) => meantUs > least && meantUs + hint.skewUs <= 0);
    const atOnce = behind.filter(({ gapUs }) => gapUs < tight);
    // A client that retries at once whatever the clock, or by chance, reads no dates at all.
    const others = retries.filter(({ hint }) => hint.skewUs >= 0);
    const readsDates = others.length === 0 || others.some(({ gapUs }) => gapUs >= tight);
    if (readsDates && atOnce.length > 0 && atOnce.length >= MOSTLY * behind.length)
      return { status: 'fail', n, needed: 1, ...summarize(retries, atOnce) };
    const skews = [...Map.groupBy(retries, ({ hint }) => hint.skewUs).values()];
    const isSpread = skews.filter((own) => own.length >= GAPS_NEEDED).length >= 2;
    const follows = isSpread && Math.abs(slopeOf(retries)) > warn;
    if (isExact(run)) return judgeEach(retries, follows, tauUs);
    if (!isSpread) {
      const reason = `${n} waits at ${skews.length} skews; ${GAPS_NEEDED} waits at each of 2 skews are needed.`;
      return undecided(retries, 2 * GAPS_NEEDED, reason);
    }
    return {
      status: follows ? 'warn' : 'pass',
      n,
      needed: 2 * GAPS_NEEDED,
      ...summarize(retries, follows ? retries : []),
    };
  },
});

/** Judges each wait in exact time: wrong is one by the own clock, beyond the resolution of a date, and a slope over all. */
function judgeEach(retries: readonly HintedWait[], follows: boolean, tauUs: number): Judgement {
  const least = RESOLUTION_US + tauUs;
  const skewed = retries.filter(({ hint }) => Math.abs(hint.skewUs) > least);
  const wrong = skewed.filter((told) => {
    const ownUs = predictedUs(told, 'clock not taken from date');
    // A date that has passed by the own clock demands nothing: the wait may then be the client's own backoff.
    const isTold = ownUs !== undefined && ownUs > least;
    return isTold && Math.abs(told.gapUs - ownUs) <= least && Math.abs(deviationUs(told)) > least;
  });
  if (wrong.length > 0 || follows) {
    return { status: 'fail', n: retries.length, needed: 1, ...summarize(retries, follows ? retries : wrong) };
  }
  const right = skewed.filter(
    (told) => deviationUs(told) >= -tauUs && deviationUs(told) <= least + MAX_JITTER * (told.meantUs ?? 0),
  );
  if (right.length === 0) return notApplicable('No wait follows the date by either clock: see ignores-retry-after.');
  return { status: 'pass', n: retries.length, needed: 1, ...summarize(retries, []) };
}

/** Jitter on top of a requested wait, as a share of it. */
const MAX_JITTER = 0.5;

function undecided(retries: readonly HintedWait[], needed: number, reason: string): Judgement {
  const { reason: found, ...shown } = summarize(retries, retries);
  const advice = 'Give provider.dateSkew at least two values, and use more load.';
  return { ...shown, ...inconclusive(retries.length, needed, `${reason} ${found}`, advice) };
}

const deviationUs = ({ gapUs, meantUs = 0 }: HintedWait): number => gapUs - meantUs;

/** Least-squares slope of the deviation over the skew; deviations within the resolution of a date count as 0. */
function slopeOf(retries: readonly HintedWait[]): number {
  const points = retries.map((retry) => {
    const y = deviationUs(retry);
    return { x: retry.hint.skewUs, y: Math.abs(y) <= RESOLUTION_US ? 0 : y };
  });
  const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
  const under = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const over = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  // At one skew, the line through a wait without skew and without deviation decides.
  if (under === 0) return x === 0 ? 0 : y / x;
  return over / under;
}

function summarize(
  retries: readonly HintedWait[],
  wrong: readonly HintedWait[],
): Pick<Judgement, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const slope = slopeOf(retries);
  return {
    figure: slope,
    evidence: wrong.slice(0, MAX_EVIDENCE).map(({ refused, gapUs, hint, meantUs = 0 }) => {
      const skew = hint.skewUs;
      const clock = `${formatMetric(Math.abs(skew))} ${skew < 0 ? 'behind' : 'ahead'}`;
      const [requested, gap] = formatApart(meantUs, Math.max(0, gapUs));
      return proof(refused, `clock ${clock}, requested wait ${requested}, retried after ${gap}`);
    }),
    reason: `${round(slope)} of the clock skew shows in the client's waits (${retries.length} waits for a Retry-After date).`,
    advice:
      "Subtract the reply's Date header from the Retry-After date, not your own clock, and never treat a negative result as no wait.",
  };
}
