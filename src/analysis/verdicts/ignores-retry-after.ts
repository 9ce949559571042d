import { formatDuration } from '../../../mock-server/duration.ts';
import { clearest } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { NO_JITTER } from '../judging/own-gaps.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { isRejected, retriesOf } from '../run/attempts.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { mean } from '../statistics/percentile.ts';

/** A retry after a refusal that told how long to wait. */
interface Told {
  readonly refused: Attempt;
  readonly gapUs: number;
  readonly toldUs: number;
}

const settings = {
  failCount: number(2, 'violations from which on it fails'),
  failShare: share(0.1, 'share of violations from which on it fails'),
  values: number(2, 'different waits that it must have been told for it to pass'),
  needed: number(3, 'retries that must have obeyed for it to pass'),
};

/**
 * Does the client wait at least as long as it was told? (`backoff.md` 3.1.) Violated: gap < Retry-After − tau. To pass
 * it must have obeyed three times, and more than one value: a client that always sleeps a second obeys `1` by accident.
 */
export const ignoresRetryAfter = defineJudge({
  id: 'ignores-retry-after',
  question: 'Does it wait at least as long as the server told it to?',
  severity: 'error',
  about: 'calls',
  unit: 'share of retries',
  settings,
  threshold: ({ failCount, failShare }) => `warn > 0, fail ≥ ${failCount} and ≥ ${failShare * 100} %`,
  decide(run, { failCount, failShare, needed, values }) {
    const told = retriesOf(run).flatMap(({ refused, gapUs }): Told[] => {
      const { retryAfterUs } = refused;
      return retryAfterUs !== undefined && retryAfterUs > 0 ? [{ refused, gapUs, toldUs: retryAfterUs }] : [];
    });
    if (told.length === 0) return neverArose(silence(run));
    const tauUs = toleranceUs(run);
    const early = told.filter(({ gapUs, toldUs }) => gapUs < toldUs - tauUs);
    if (early.length === 0) return obeyed(told, needed, values);
    const enough = early.length >= failCount && early.length / told.length >= failShare;
    return { status: enough ? 'fail' : 'warn', needed, ...violated(told, early) };
  },
});

function silence(run: Run): string {
  return run.attempts.some(isRejected)
    ? 'No refusal that named a wait was followed by another attempt.'
    : 'Nothing was refused.';
}

function violated(told: readonly Told[], early: readonly Told[]): Omit<Decision, 'status' | 'needed'> {
  const brokenFromUs = early.reduce((least, { toldUs }) => Math.min(least, toldUs), Infinity);
  // What was told less than the least that it broke, it obeyed.
  const obeyedUpToUs = told.reduce((most, { toldUs }) => (toldUs < brokenFromUs ? Math.max(most, toldUs) : most), 0);
  const obeyed = obeyedUpToUs > 0 ? `; it obeyed up to ${formatDuration(obeyedUpToUs)}` : '';
  return {
    n: told.length,
    figure: early.length / told.length,
    evidence: clearest(early, ({ toldUs, gapUs }) => toldUs - gapUs).map(({ refused, toldUs, gapUs }) =>
      proof(refused, `told to wait ${formatDuration(toldUs)}, came back after ${formatDuration(Math.max(0, gapUs))}`),
    ),
    reason:
      `${early.length} of ${told.length} retries came back before the time they were told, ` +
      `from ${formatDuration(brokenFromUs)} on${obeyed}.`,
    advice: 'Read Retry-After (and retry-after-ms) of a 429 and wait at least that long before the next attempt.',
  };
}

const EXACT_NEEDED = 10;

/** How far waits usually go beyond what was told, relative to that (`backoff.md` 3.5: retry-after-jitter): a root mean square. */
function usualExtra(told: readonly Told[]): number {
  const squares = told.map(({ gapUs, toldUs }) => ((gapUs - toldUs) / toldUs) ** 2);
  return Math.sqrt(mean(squares));
}

function obeyed(told: readonly Told[], needed: number, least: number): Decision {
  const values = new Set(told.map(({ toldUs }) => toldUs));
  const [first = 0] = values;
  if (told.length < needed || values.size < least) {
    const why =
      values.size < least
        ? `they were told nothing but ${formatDuration(first)}, which may be the client's own pause.`
        : `${needed} are needed to be sure.`;
    const advice = 'Use a limit or a retryAfter setting that asks for waits of several lengths.';
    return tooLittle(told.length, needed, `All ${told.length} retries waited as told, but ${why}`, advice);
  }
  const longest = told.reduce((most, { toldUs }) => Math.max(most, toldUs), 0);
  const exact = told.length >= EXACT_NEEDED && usualExtra(told) < NO_JITTER;
  const reason =
    `All ${told.length} retries waited as long as they were told, up to ${formatDuration(longest)}` +
    (exact ? ', and not a moment longer (see synchronised-herd).' : '.');
  return { status: 'pass', n: told.length, needed, figure: 0, reason };
}
