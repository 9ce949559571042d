import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { NO_JITTER } from '../judging/own-gaps.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { findRetries, isRejected } from '../run/attempts.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { mean } from '../statistics/percentile.ts';
import { topBy } from '../statistics/top-by.ts';

/** A retry after a refusal with Retry-After. */
interface RequestedWait {
  readonly refused: Attempt;
  readonly gapUs: number;
  readonly requestedUs: number;
}

const settings = {
  failCount: number(2, 'fail from this many early retries'),
  failShare: share(0.1, 'fail from this share of early retries'),
  values: number(2, 'different requested waits needed to pass'),
  needed: number(3, 'retries needed to pass'),
};

/**
 * Checks that the client waits for at least Retry-After (`backoff.md` 3.1). A retry is early if gap < Retry-After − tau. To
 * pass, the client must obey three times and more than one value: a client that always sleeps 1 s obeys `1` by accident.
 */
export const ignoresRetryAfter = defineJudge({
  id: 'ignores-retry-after',
  question: 'Does it wait for at least Retry-After?',
  severity: 'error',
  decidedBy: 'instance',
  arrange: 'Set a limit below the load, so that requests are refused.',
  about: 'calls',
  // Without the end of a reply, waits look longer than they were, so a wait that looks too short is too short.
  needs: { durations: 'to-pass', 'inner-attempts': 'to-pass' },
  unit: 'share of retries',
  settings,
  threshold: ({ failCount, failShare }) => `warn > 0, fail ≥ ${failCount} and ≥ ${failShare * 100} %`,
  decide(run, { failCount, failShare, needed, values }) {
    const retries = findRetries(run).flatMap(({ refused, gapUs }): RequestedWait[] => {
      const { retryAfterUs } = refused;
      return retryAfterUs !== undefined && retryAfterUs > 0 ? [{ refused, gapUs, requestedUs: retryAfterUs }] : [];
    });
    if (retries.length === 0) return notApplicable(whyNotApplicable(run));
    const tauUs = toleranceUs(run);
    const early = retries.filter(({ gapUs, requestedUs }) => gapUs < requestedUs - tauUs);
    if (early.length === 0) return obeyed(retries, needed, values);
    const enough = early.length >= failCount && early.length / retries.length >= failShare;
    return { status: enough ? 'fail' : 'warn', needed, ...judgeViolations(retries, early) };
  },
});

function whyNotApplicable(run: Run): string {
  return run.attempts.some(isRejected)
    ? 'No refusal with Retry-After was followed by a retry.'
    : 'No request was refused.';
}

function judgeViolations(
  retries: readonly RequestedWait[],
  early: readonly RequestedWait[],
): Omit<Judgement, 'status' | 'needed'> {
  const ignoredFromUs = early.reduce((least, { requestedUs }) => Math.min(least, requestedUs), Infinity);
  // Every wait shorter than the shortest ignored wait was obeyed.
  const obeyedUpToUs = retries.reduce(
    (most, { requestedUs }) => (requestedUs < ignoredFromUs ? Math.max(most, requestedUs) : most),
    0,
  );
  const obeyed = obeyedUpToUs > 0 ? `; it obeyed waits up to ${formatDuration(obeyedUpToUs)}` : '';
  return {
    n: retries.length,
    figure: early.length / retries.length,
    evidence: topBy(early, ({ requestedUs, gapUs }) => requestedUs - gapUs, MAX_EVIDENCE).map(
      ({ refused, requestedUs, gapUs }) =>
        proof(
          refused,
          `requested wait ${formatDuration(requestedUs)}, retried after ${formatDuration(Math.max(0, gapUs))}`,
        ),
    ),
    reason:
      `${early.length} of ${retries.length} retries came earlier than Retry-After. ` +
      `Shortest ignored wait: ${formatDuration(ignoredFromUs)}${obeyed}.`,
    advice: 'Read Retry-After (and retry-after-ms) of a 429 and wait at least that long before the next attempt.',
  };
}

const EXACT_NEEDED = 10;

/** Root mean square of (wait − Retry-After) / Retry-After (`backoff.md` 3.5, retry-after-jitter). */
function typicalExcess(retries: readonly RequestedWait[]): number {
  const squares = retries.map(({ gapUs, requestedUs }) => ((gapUs - requestedUs) / requestedUs) ** 2);
  return Math.sqrt(mean(squares));
}

function obeyed(retries: readonly RequestedWait[], needed: number, least: number): Judgement {
  const values = new Set(retries.map(({ requestedUs }) => requestedUs));
  const [first = 0] = values;
  if (retries.length < needed || values.size < least) {
    const why =
      values.size < least
        ? `every requested wait was ${formatDuration(first)}, which may be the client's own pause.`
        : `${needed} retries are needed.`;
    const advice = 'Use a limit or a retryAfter setting that requests several different waits.';
    return inconclusive(
      retries.length,
      needed,
      `All ${retries.length} retries waited for Retry-After, but ${why}`,
      advice,
    );
  }
  const longest = retries.reduce((most, { requestedUs }) => Math.max(most, requestedUs), 0);
  const exact = retries.length >= EXACT_NEEDED && typicalExcess(retries) < NO_JITTER;
  const reason =
    `All ${retries.length} retries waited for Retry-After, up to ${formatDuration(longest)}` +
    (exact ? ', and no longer (see synchronised-herd).' : '.');
  return { status: 'pass', n: retries.length, needed, figure: 0, reason };
}
