import { formatMetric, round } from '../format.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { FULL_JITTER, type OwnGap, ownGaps, spreadOf } from '../judging/own-gaps.ts';
import { WAIT_FACTS } from '../judging/recorded-facts.ts';
import { latenessUs } from '../judging/tolerance.ts';
import { type Evidence, type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { number } from '../judging/verdict-setting.ts';
import { judgeByCause } from '../run/by-cause.ts';
import type { Run } from '../run/run-view.ts';
import { variationInterval } from '../statistics/interval.ts';
import { median } from '../statistics/percentile.ts';

/** Timers later than this share of the waits hide missing jitter (`backoff.md` 4.1). */
const MAX_LATENESS_SHARE = 0.015;

/** Measures the coefficient of variation, per retry and cause, of waits that Retry-After does not explain (`backoff.md` 3.5). */
export const noJitter = defineJudge({
  id: 'no-jitter',
  question: 'Do all calls wait equally long?',
  severity: 'warn',
  decidedBy: 'chance',
  arrange: 'Add a fault (kind: status, status: 503), so that the client chooses its own waits.',
  about: 'calls',
  needs: WAIT_FACTS,
  unit: 'variation of waits',
  settings: {
    fail: number(0.04, 'fail below this coefficient of variation'),
    needed: number(10, 'minimum waits before the same retry'),
  },
  threshold: ({ fail }) => `fail below ${fail}`,
  decide(run, { fail, needed }) {
    const gaps = ownGaps(run);
    if (gaps.length === 0)
      return notApplicable('The client chose no wait itself: Retry-After set every wait, or nothing was retried.');
    return judgeByCause(gaps, (own) => judgeGaps(run, own, fail, needed));
  },
});

function judgeGaps(run: Run, gaps: readonly OwnGap[], fail: number, needed: number): Judgement {
  const spread = spreadOf(gaps);
  const most = spread?.largest ?? 1;
  if (!spread || most < needed) {
    const found = gaps.slice(0, SHOWN).map(({ gapUs }) => formatMetric(gapUs));
    const reason = `${most} waits before the same retry; ${needed} are needed. The waits so far: ${found.join(', ')}.`;
    const undecided = inconclusive(most, needed, reason, 'Use more load, or a limit without Retry-After.');
    return { ...undecided, ...(spread && { figure: spread.cv }), evidence: evidenceOf(gaps) };
  }
  if (tooLate(run, gaps)) {
    const reason =
      'Timers on this machine are late by more than 1.5 % of the waits, so equal waits cannot be detected.';
    return inconclusive(most, needed, reason, 'Run in virtual time, or use longer waits.');
  }
  const { cv } = spread;
  const interval = variationInterval(cv, spread.n);
  return { status: cv < fail ? 'fail' : 'pass', n: most, needed, figure: cv, interval, ...summarize(gaps, cv, fail) };
}

/** Waits that an undecided result shows. */
const SHOWN = 5;

function evidenceOf(gaps: readonly OwnGap[]): Evidence[] {
  return gaps
    .slice(0, MAX_EVIDENCE)
    .map(({ next, gapUs, retry }) => proof(next, `waited ${formatMetric(gapUs)} before retry ${retry + 1}`));
}

function tooLate(run: Run, gaps: readonly OwnGap[]): boolean {
  return latenessUs(run) > MAX_LATENESS_SHARE * median(gaps.map(({ gapUs }) => gapUs));
}

function summarize(
  gaps: readonly OwnGap[],
  cv: number,
  fail: number,
): Pick<Judgement, 'evidence' | 'reason' | 'advice'> {
  const first = gaps.filter(({ retry }) => retry === gaps[0]!.retry);
  const kind = cv > FULL_JITTER ? 'the full wait' : 'part of the wait';
  return {
    evidence: evidenceOf(first),
    reason:
      cv < fail
        ? `${first.length} waits before the same retry were all about ${formatMetric(first[0]!.gapUs)} (variation ${round(cv)}).`
        : `Waits before the same retry have a variation of ${round(cv)}: jitter over ${kind}.`,
    advice:
      'Draw each wait at random between 0 and the backoff (full jitter), so that calls refused together do not retry together.',
  };
}
