import { formatDuration } from '../../../mock-server/duration.ts';
import { isRejected, type Retry, retriesOf } from '../attempts.ts';
import { attributionGap, undecided } from '../finding.ts';
import type { Run } from '../run-view.ts';
import { toleranceUs } from '../tolerance.ts';
import type { Evidence, Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn > 0, fail ≥ 2 and ≥ 10 %';
const FAIL_SHARE = 0.1;
const NEEDED = 3;

/** A retry after a refusal that told how long to wait. */
interface Told extends Retry {
  readonly toldUs: number;
}

/**
 * Does the client wait at least as long as it was told? (`backoff.md` 3.1.) Violated: gap < Retry-After − tau. To pass
 * it must have obeyed three times, and more than one value: a client that always sleeps a second obeys `1` by accident.
 */
export const ignoresRetryAfter: Judge = {
  id: 'ignores-retry-after',
  question: 'Does it wait at least as long as the server told it to?',
  defaultSeverity: 'error',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const told = retriesOf(run).flatMap((retry): Told[] => {
      const { retryAfterUs } = retry.refused;
      return retryAfterUs !== undefined && retryAfterUs > 0 ? [{ ...retry, toldUs: retryAfterUs }] : [];
    });
    const common = { unit: 'share of retries', threshold: THRESHOLD, n: told.length, needed: NEEDED };
    if (told.length === 0) return undecided('not-applicable', { ...common, reason: silence(run) });
    const tauUs = toleranceUs(run);
    const early = told.filter(({ gapUs, toldUs }) => gapUs < toldUs - tauUs);
    return early.length > 0 ? violated(told, early, common) : obeyed(told, common);
  },
};

type Common = Pick<Finding, 'unit' | 'threshold' | 'n' | 'needed'>;

function silence(run: Run): string {
  return run.attempts.some(isRejected)
    ? 'No refusal that named a wait was followed by another attempt.'
    : 'Nothing was refused.';
}

function violated(told: readonly Told[], early: readonly Told[], common: Common): Finding {
  const share = early.length / told.length;
  const brokenFromUs = Math.min(...early.map(({ toldUs }) => toldUs));
  const obeyedUs = told
    .filter((retry) => !early.includes(retry) && retry.toldUs < brokenFromUs)
    .map(({ toldUs }) => toldUs);
  const obeyed = obeyedUs.length > 0 ? `; it obeyed up to ${formatDuration(Math.max(...obeyedUs))}` : '';
  return {
    ...common,
    status: early.length >= 2 && share >= FAIL_SHARE ? 'fail' : 'warn',
    figure: share,
    evidence: early
      .toSorted((a, b) => b.toldUs - b.gapUs - (a.toldUs - a.gapUs))
      .slice(0, 10)
      .map(evidenceOf),
    reason:
      `${early.length} of ${told.length} retries came back before the time they were told, ` +
      `from ${formatDuration(brokenFromUs)} on${obeyed}.`,
    advice: 'Read Retry-After (and retry-after-ms) of a 429 and wait at least that long before the next attempt.',
  };
}

function obeyed(told: readonly Told[], common: Common): Finding {
  const values = new Set(told.map(({ toldUs }) => toldUs));
  if (told.length < NEEDED || values.size < 2) {
    const [only] = values;
    return undecided('inconclusive', {
      ...common,
      reason:
        `All ${told.length} retries waited as told, but ` +
        (values.size < 2
          ? `they were told nothing but ${formatDuration(only!)}, which may be the client's own pause.`
          : `${NEEDED} are needed to be sure.`),
      advice: 'Use a limit or a retryAfter setting that asks for waits of several lengths.',
    });
  }
  return {
    ...common,
    status: 'pass',
    figure: 0,
    evidence: [],
    reason: `All ${told.length} retries waited as long as they were told, up to ${formatDuration(Math.max(...values))}.`,
    advice: '',
  };
}

function evidenceOf({ call, refused, toldUs, gapUs }: Told): Evidence {
  return {
    call: call.id,
    attempt: refused.id,
    atUs: refused.startUs,
    what: `told to wait ${formatDuration(toldUs)}, came back after ${formatDuration(Math.max(0, gapUs))}`,
  };
}
