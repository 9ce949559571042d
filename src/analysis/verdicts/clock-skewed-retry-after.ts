import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { retryAfterForm } from '../judging/retry-after-form.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { findRetries, type Retry } from '../run/attempts.ts';

/** HTTP dates have a resolution of one second. */
const RESOLUTION_US = 1_000_000;
const GAPS_NEEDED = 2;

/**
 * Checks how a client reads a Retry-After date when clocks differ (`backoff.md` 3.26). The provider's `Date` has the same skew
 * as the Retry-After date, so a client that compares the latter with its own clock waits too long or not at all. The slope of
 * (wait − requested wait) over the skew is 0 for a client that reads `Date`, 1 for a client that does not.
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
    const retries = findRetries(run).filter(({ refused }) => ['date', 'past date'].includes(retryAfterForm(refused)));
    if (!retries.some(({ refused }) => refused.dateSkewUs !== undefined)) {
      return notApplicable(
        'No retry followed a Retry-After date from a skewed clock (set provider.dateSkew and retryAfter: http-date).',
      );
    }
    const n = retries.length;
    const least = RESOLUTION_US + toleranceUs(run);
    const atOnce = retries.filter(
      ({ gapUs, refused }) => gapUs < tight && (refused.retryAfterUs ?? 0) > least && (refused.dateSkewUs ?? 0) < 0,
    );
    const skews = [...Map.groupBy(retries, ({ refused }) => refused.dateSkewUs ?? 0).values()];
    if (atOnce.length > 0) return { status: 'fail', n, needed: 1, ...summarize(retries, atOnce) };
    if (skews.filter((own) => own.length >= GAPS_NEEDED).length < 2) {
      const reason = `${n} waits at ${skews.length} skews; ${GAPS_NEEDED} waits at each of 2 skews are needed.`;
      return inconclusive(n, 2 * GAPS_NEEDED, reason, 'Give provider.dateSkew at least two values, and use more load.');
    }
    const follows = Math.abs(slopeOf(retries)) > warn;
    return {
      status: follows ? 'warn' : 'pass',
      n,
      needed: 2 * GAPS_NEEDED,
      ...summarize(retries, follows ? retries : []),
    };
  },
});

const deviationUs = ({ gapUs, refused }: Retry): number => gapUs - (refused.retryAfterUs ?? 0);

/** Least-squares slope of the deviation over the skew; deviations within the resolution of a date count as 0. */
function slopeOf(retries: readonly Retry[]): number {
  const points = retries.map((retry) => {
    const y = deviationUs(retry);
    return { x: retry.refused.dateSkewUs ?? 0, y: Math.abs(y) <= RESOLUTION_US ? 0 : y };
  });
  const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
  const under = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const over = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return under === 0 ? 0 : over / under;
}

function summarize(
  retries: readonly Retry[],
  wrong: readonly Retry[],
): Pick<Judgement, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const slope = slopeOf(retries);
  return {
    figure: slope,
    evidence: wrong.slice(0, MAX_EVIDENCE).map(({ refused, gapUs }) => {
      const skew = refused.dateSkewUs ?? 0;
      const clock = `${formatDuration(Math.abs(skew))} ${skew < 0 ? 'behind' : 'ahead'}`;
      const requested = formatDuration(refused.retryAfterUs ?? 0);
      return proof(
        refused,
        `clock ${clock}, requested wait ${requested}, retried after ${formatDuration(Math.max(0, gapUs))}`,
      );
    }),
    reason: `${slope.toFixed(2)} of the clock skew shows in the client's waits (${retries.length} waits for a Retry-After date).`,
    advice:
      "Subtract the reply's Date header from the Retry-After date, not your own clock, and never treat a negative result as no wait.",
  };
}
