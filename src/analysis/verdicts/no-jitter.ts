import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { FULL_JITTER, type OwnGap, ownGaps, spreadOf } from '../judging/own-gaps.ts';
import { latenessUs } from '../judging/tolerance.ts';
import { number } from '../judging/verdict-setting.ts';
import { worseByCause } from '../run/by-cause.ts';
import type { Run } from '../run/run-view.ts';
import { variationInterval } from '../statistics/interval.ts';
import { median } from '../statistics/percentile.ts';

/** Timers that are late by more than this share of the waits hide that there is no jitter (`backoff.md` 4.1). */
const MOST_LATENESS = 0.015;

/**
 * Do equal situations give equal waits? (`backoff.md` 3.5.) The coefficient of variation of the waits that no Retry-After
 * explains, by retry.
 */
export const noJitter = defineJudge({
  id: 'no-jitter',
  question: 'Does everybody wait equally long?',
  severity: 'warn',
  about: 'calls',
  statistical: true,
  unit: 'variation of waits',
  settings: {
    fail: number(0.04, 'coefficient of variation below which waits count as equal'),
    needed: number(10, 'waits before the same retry that must have been seen'),
  },
  threshold: ({ fail }) => `fail below ${fail}`,
  decide(run, { fail, needed }) {
    const gaps = ownGaps(run);
    if (gaps.length === 0) return neverArose('There was no wait that a Retry-After does not explain.');
    return worseByCause(gaps, (own) => judged(run, own, fail, needed));
  },
});

function judged(run: Run, gaps: readonly OwnGap[], fail: number, needed: number): Decision {
  const spread = spreadOf(gaps);
  const most = spread?.most ?? 1;
  if (!spread || most < needed) {
    const reason = `${most} waits of one kind were seen; ${needed} are needed.`;
    return tooLittle(most, needed, reason, 'Use more load, or a limit that tells no wait.');
  }
  if (tooLate(run, gaps)) {
    const reason = 'Timers of this machine are late by more than 1.5 % of the waits: equal ones cannot be told.';
    return tooLittle(most, needed, reason, 'Run it in virtual time, or let waits be longer.');
  }
  const { cv } = spread;
  const interval = variationInterval(cv, spread.n);
  return { status: cv < fail ? 'fail' : 'pass', n: most, needed, figure: cv, interval, ...account(gaps, cv, fail) };
}

function tooLate(run: Run, gaps: readonly OwnGap[]): boolean {
  return latenessUs(run) > MOST_LATENESS * median(gaps.map(({ gapUs }) => gapUs));
}

function account(gaps: readonly OwnGap[], cv: number, fail: number): Pick<Decision, 'evidence' | 'reason' | 'advice'> {
  const first = gaps.filter(({ retry }) => retry === gaps[0]!.retry);
  const kind = cv > FULL_JITTER ? 'all of their length' : 'a part of their length';
  return {
    evidence: first
      .slice(0, MOST_EVIDENCE)
      .map(({ next, gapUs, retry }) => proof(next, `waited ${formatDuration(gapUs)} before retry ${retry + 1}`)),
    reason:
      cv < fail
        ? `${first.length} waits before the same retry were all about ${formatDuration(first[0]!.gapUs)}, ${cv.toFixed(3)} of their mean apart.`
        : `Waits of the same retry differ by ${cv.toFixed(2)} of their mean: spread over ${kind}.`,
    advice:
      'Draw each wait at random, between nothing and the backoff (full jitter), so that those refused together part.',
  };
}
