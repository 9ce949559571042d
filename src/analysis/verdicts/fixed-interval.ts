import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { FULL_JITTER, growthOf, meansByRetry, NO_JITTER, type OwnGap, ownGaps, spreadOf } from '../judging/own-gaps.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { number } from '../judging/verdict-setting.ts';
import { worseByCause } from '../run/by-cause.ts';
import { bootstrapInterval } from '../statistics/interval.ts';
import { median } from '../statistics/percentile.ts';

/** Of waits that are spread between half and all of their length, and less. */
const SOME_JITTER = 0.15;
const SLOW_GROWTH = 1.1;

/**
 * Does the wait grow? (`backoff.md` 3.4.) The slope of the logarithm of the mean wait of each retry, over calls with two
 * waits of their own at least. How many calls it takes depends on how they spread them (4.2).
 */
export const fixedInterval = defineJudge({
  id: 'fixed-interval',
  question: 'Does the wait grow from try to try?',
  severity: 'warn',
  about: 'calls',
  unit: '× per retry',
  settings: {
    grows: number(1.3, 'growth from one wait to the next from which on it passes'),
    cohort: number(10, 'calls without any jitter from which on it fails'),
  },
  threshold: ({ grows, cohort }) => `warn below × ${grows}, fail if ${cohort} calls also wait alike`,
  decide(run, { grows, cohort }) {
    const gaps = ownGaps(run);
    const twice = 'No call waited twice without a Retry-After that explains it.';
    return gaps.length === 0
      ? neverArose(twice)
      : worseByCause(gaps, (own) => judged(own, toleranceUs(run), { grows, cohort, never: twice }));
  },
});

function judged(
  own: readonly OwnGap[],
  tauUs: number,
  { grows, cohort, never }: { readonly grows: number; readonly cohort: number; readonly never: string },
): Decision {
  const byCall = [...Map.groupBy(own, ({ call }) => call.id).values()].filter((waits) => waits.length > 1);
  const gaps = byCall.flat();
  const n = byCall.length;
  if (n === 0) return neverArose(never);
  const cv = spreadOf(gaps)?.cv ?? 0;
  const needed = neededFor(gaps, cv);
  if (n < needed) {
    const reason = `${n} calls waited twice or more by themselves; ${needed} are needed.`;
    return tooLittle(n, needed, reason, 'Use more load, or a limit that tells no wait.');
  }
  const growth = growthOf(byCall);
  const interval = bootstrapInterval(byCall, growthOf);
  // Waits that are none grow and differ by the noise of the machine only.
  const atOnce = median(gaps.map(({ gapUs }) => gapUs)) < tauUs;
  // Slow growth that is beyond doubt is growth: a wide random part on top of each wait hides some of it.
  const grown = !atOnce && (growth >= grows || (interval !== undefined && interval.low > SLOW_GROWTH));
  const alike = (atOnce || cv < NO_JITTER) && n >= cohort;
  const status = grown ? 'pass' : alike ? 'fail' : 'warn';
  return {
    status,
    n,
    needed,
    figure: growth,
    interval,
    ...account(gaps, n, atOnce ? 'no wait at all' : `× ${growth.toFixed(2)} from one to the next`),
  };
}

/** `backoff.md` 4.2: calls by which growth is told from none at 1 %. */
function neededFor(gaps: readonly OwnGap[], cv: number): number {
  if (cv < SOME_JITTER) return 3;
  if (cv < FULL_JITTER) return 10;
  const waits = 1 + gaps.reduce((most, { retry }) => Math.max(most, retry), 0);
  return waits >= 5 ? 10 : waits >= 3 ? 20 : 50;
}

function account(
  gaps: readonly OwnGap[],
  calls: number,
  what: string,
): Pick<Decision, 'evidence' | 'reason' | 'advice'> {
  const shown = meansByRetry([gaps])
    .slice(0, 5)
    .map(({ meanUs }) => formatDuration(Math.round(meanUs / 1000) * 1000));
  return {
    evidence: gaps
      .slice(0, MOST_EVIDENCE)
      .map(({ next, gapUs, retry }) => proof(next, `waited ${formatDuration(gapUs)} before retry ${retry + 1}`)),
    reason: `Over ${calls} calls the waits were ${shown.join(', ')}: ${what}.`,
    advice:
      'Let the wait double from try to try, up to a cap: a pause that never grows keeps on knocking at a closed door.',
  };
}
