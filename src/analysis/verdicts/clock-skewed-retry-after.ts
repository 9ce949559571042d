import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { formOf } from '../judging/retry-after-form.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { type Retry, retriesOf } from '../run/attempts.ts';

/** Dates are whole seconds. */
const RESOLUTION_US = 1_000_000;
const GAPS_NEEDED = 2;

/**
 * Does a date in Retry-After work when clocks differ? (`backoff.md` 3.26.) The provider's `Date` is as wrong as the date it
 * asks for; a client that compares the latter with its own clock waits too long or not at all. The slope of (wait − what was
 * meant) over the skew is 0 for one that reads `Date`, 1 for one that does not.
 */
export const clockSkewedRetryAfter = defineJudge({
  id: 'clock-skewed-retry-after',
  question: 'Does a date in Retry-After work when clocks differ?',
  severity: 'warn',
  about: 'calls',
  unit: 'of the skew',
  settings: {
    warn: number(0.5, 'part of the skew that waits follow above which it warns'),
    tight: duration(100_000, 'a wait below this is no wait'),
  },
  threshold: ({ warn, tight }) =>
    `warn > ${warn}, fail: a retry within ${formatDuration(tight)} where a wait was meant`,
  decide(run, { warn, tight }) {
    const told = retriesOf(run).filter(({ refused }) => ['date', 'past date'].includes(formOf(refused)));
    if (!told.some(({ refused }) => refused.dateSkewUs !== undefined)) {
      return neverArose(
        'No refusal told a date by a clock that is wrong (provider.dateSkew with retryAfter: http-date).',
      );
    }
    const n = told.length;
    const least = RESOLUTION_US + toleranceUs(run);
    const atOnce = told.filter(
      ({ gapUs, refused }) => gapUs < tight && (refused.retryAfterUs ?? 0) > least && (refused.dateSkewUs ?? 0) < 0,
    );
    const skews = [...Map.groupBy(told, ({ refused }) => refused.dateSkewUs ?? 0).values()];
    if (atOnce.length > 0) return { status: 'fail', n, needed: 1, ...account(told, atOnce) };
    if (skews.filter((own) => own.length >= GAPS_NEEDED).length < 2) {
      const reason = `${n} waits at ${skews.length} skews were seen; ${GAPS_NEEDED} waits at each of 2 are needed.`;
      return tooLittle(n, 2 * GAPS_NEEDED, reason, 'Give provider.dateSkew two values or more, and more load.');
    }
    const follows = Math.abs(slopeOf(told)) > warn;
    return { status: follows ? 'warn' : 'pass', n, needed: 2 * GAPS_NEEDED, ...account(told, follows ? told : []) };
  },
});

const deviationUs = ({ gapUs, refused }: Retry): number => gapUs - (refused.retryAfterUs ?? 0);

/** Least squares of the deviation over the skew; deviations within the resolution of a date count as none. */
function slopeOf(told: readonly Retry[]): number {
  const points = told.map((retry) => {
    const y = deviationUs(retry);
    return { x: retry.refused.dateSkewUs ?? 0, y: Math.abs(y) <= RESOLUTION_US ? 0 : y };
  });
  const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
  const under = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const over = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return under === 0 ? 0 : over / under;
}

function account(
  told: readonly Retry[],
  wrong: readonly Retry[],
): Pick<Decision, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const slope = slopeOf(told);
  return {
    figure: slope,
    evidence: wrong.slice(0, MOST_EVIDENCE).map(({ refused, gapUs }) => {
      const skew = refused.dateSkewUs ?? 0;
      const clock = `${formatDuration(Math.abs(skew))} ${skew < 0 ? 'behind' : 'ahead'}`;
      const meant = formatDuration(refused.retryAfterUs ?? 0);
      return proof(
        refused,
        `by a clock ${clock}, meant ${meant}, came back after ${formatDuration(Math.max(0, gapUs))}`,
      );
    }),
    reason: `Over ${told.length} waits until a date, the client's wait follows ${slope.toFixed(2)} of what the provider's clock is wrong by.`,
    advice:
      "Subtract the response's Date from the date in Retry-After instead of your own clock, and never take less than nothing for no wait.",
  };
}
