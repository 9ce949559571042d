import { formatMetric, round } from '../format.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { FULL_JITTER, growthOf, meanWaits, NO_JITTER, type OwnGap, ownGaps, spreadOf } from '../judging/own-gaps.ts';
import { WAIT_FACTS } from '../judging/recorded-facts.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { number } from '../judging/verdict-setting.ts';
import { judgeByCause } from '../run/by-cause.ts';
import type { Run } from '../run/run-view.ts';
import { largest, smallest } from '../statistics/extremes.ts';
import { bootstrapInterval } from '../statistics/interval.ts';
import { median } from '../statistics/percentile.ts';

/** Coefficient of variation of equal jitter, which draws from the upper half of the wait. */
const SOME_JITTER = 0.15;
const SLOW_GROWTH = 1.1;

/**
 * Checks that waits grow (`backoff.md` 3.4): the slope of ln(mean wait) over the retry number, for calls with at least two
 * waits that Retry-After does not explain. The required number of calls depends on the jitter (4.2).
 */
export const fixedInterval = defineJudge({
  id: 'fixed-interval',
  question: 'Does the wait grow from retry to retry?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault (kind: status, status: 503) that lasts for three retries or more.',
  about: 'calls',
  needs: WAIT_FACTS,
  unit: '× per retry',
  settings: {
    grows: number(1.3, 'pass from this growth factor per retry'),
    cohort: number(10, 'fail from this many calls without jitter; in virtual time one is proof'),
  },
  threshold: ({ grows, cohort }) =>
    `warn below × ${grows}, fail if ${cohort} calls (in virtual time one) also have no jitter`,
  decide(run, { grows, cohort }) {
    const gaps = ownGaps(run);
    const reason = 'No call chose two or more waits itself (without Retry-After).';
    return gaps.length === 0
      ? notApplicable(reason)
      : judgeByCause(gaps, (own) => judgeGaps(own, run, { grows, cohort, tooFewWaits: reason }));
  },
});

function judgeGaps(
  own: readonly OwnGap[],
  run: Run,
  { grows, cohort, tooFewWaits }: { readonly grows: number; readonly cohort: number; readonly tooFewWaits: string },
): Judgement {
  const byCall = [...Map.groupBy(own, ({ call }) => call.id).values()].filter((waits) => waits.length > 1);
  const gaps = byCall.flat();
  const n = byCall.length;
  if (n === 0) return notApplicable(tooFewWaits);
  const cv = spreadOf(gaps)?.cv ?? 0;
  const growth = growthOf(byCall);
  const exact = isExact(run);
  const tauUs = toleranceUs(run);
  // In exact time a call whose waits are all equal is proof, and one whose waits grow is what the client does.
  const steady = exact && byCall.every((waits) => isSteady(waits, tauUs));
  const isClear = steady || (exact && growth >= grows);
  const needed = isClear ? 1 : requiredCalls(gaps, cv);
  if (n < needed) {
    const reason = `${n} calls chose two or more waits themselves; ${needed} are needed.`;
    const undecided = inconclusive(n, needed, reason, 'Use more load, or a limit without Retry-After.');
    const found = summarize(gaps, n, `${growthText(growth)} so far`);
    return { ...undecided, reason: `${reason} ${found.reason}`, figure: growth, evidence: found.evidence ?? [] };
  }
  const interval = bootstrapInterval(byCall, growthOf);
  // Immediate retries differ by timer noise only.
  const atOnce = median(gaps.map(({ gapUs }) => gapUs)) < tauUs;
  // A wide jitter hides some growth, so slow but certain growth passes.
  const grown = !atOnce && (growth >= grows || (interval !== undefined && interval.low > SLOW_GROWTH));
  const alike = (atOnce || cv < NO_JITTER) && (steady || n >= cohort);
  const status = grown ? 'pass' : alike ? 'fail' : 'warn';
  return {
    status,
    n,
    needed,
    figure: growth,
    interval,
    ...summarize(gaps, n, atOnce ? 'No wait before retries' : growthText(growth)),
  };
}

function isSteady(waits: readonly OwnGap[], tauUs: number): boolean {
  const gaps = waits.map(({ gapUs }) => gapUs);
  return largest(gaps) - smallest(gaps) <= tauUs;
}

const growthText = (growth: number): string =>
  round(growth) === '1' ? 'Waits do not grow' : `Waits grow × ${round(growth)} per retry`;

/** Calls needed to distinguish growth from no growth at the 1 % level (`backoff.md` 4.2). */
function requiredCalls(gaps: readonly OwnGap[], cv: number): number {
  if (cv < SOME_JITTER) return 3;
  if (cv < FULL_JITTER) return 10;
  const waits = 1 + gaps.reduce((most, { retry }) => Math.max(most, retry), 0);
  return waits >= 5 ? 10 : waits >= 3 ? 20 : 50;
}

function summarize(
  gaps: readonly OwnGap[],
  calls: number,
  what: string,
): Pick<Judgement, 'evidence' | 'reason' | 'advice'> {
  const shown = meanWaits([gaps])
    .slice(0, 5)
    .map(({ meanUs }) => formatMetric(meanUs));
  return {
    evidence: gaps
      .slice(0, MAX_EVIDENCE)
      .map(({ next, gapUs, retry }) => proof(next, `waited ${formatMetric(gapUs)} before retry ${retry + 1}`)),
    reason: `${what} (${calls === 1 ? 'one call' : `${calls} calls`}): ${shown.join(', ')}.`,
    advice: 'Double the wait with each retry, up to a cap: a fixed interval keeps hitting a closed limit.',
  };
}
