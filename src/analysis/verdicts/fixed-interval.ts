import { formatDuration } from '../../../mock-server/duration.ts';
import { attributionGap, undecided } from '../finding.ts';
import { FULL_JITTER, type OwnGap, ownGaps, spreadOf } from '../own-gaps.ts';
import type { Run } from '../run-view.ts';
import type { Evidence, Finding, Judge } from '../verdict.ts';

const GROWS = 1.3;
const THRESHOLD = `warn below × ${GROWS} from one wait to the next`;
/** Of waits that are spread between half and all of their length, and less. */
const SOME_JITTER = 0.15;

/**
 * Does the wait grow? (`backoff.md` 3.4.) The slope of the logarithm of the mean wait of each retry, over calls with two
 * waits of their own at least. How many calls it takes depends on how they spread them (4.2).
 */
export const fixedInterval: Judge = {
  id: 'fixed-interval',
  question: 'Does the wait grow from try to try?',
  defaultSeverity: 'warn',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const byCall = [...Map.groupBy(ownGaps(run), ({ call }) => call.id).values()].filter((own) => own.length > 1);
    const gaps = byCall.flat();
    const needed = neededFor(gaps);
    const common = { unit: '× per retry', threshold: THRESHOLD, n: byCall.length, needed };
    if (byCall.length === 0) {
      return undecided('not-applicable', {
        ...common,
        reason: 'No call waited twice without a Retry-After that explains it.',
      });
    }
    if (byCall.length < needed) {
      const reason = `${byCall.length} calls waited twice or more by themselves; ${needed} are needed.`;
      return undecided('inconclusive', { ...common, reason, advice: 'Use more load, or a limit that tells no wait.' });
    }
    return { ...common, ...verdictOn(gaps, byCall.length) };
  },
};

/** `backoff.md` 4.2: calls by which growth is told from none at 1 %. */
function neededFor(gaps: readonly OwnGap[]): number {
  const cv = spreadOf(gaps)?.cv ?? 0;
  if (cv < SOME_JITTER) return 3;
  if (cv < FULL_JITTER) return 10;
  const waits = 1 + Math.max(0, ...gaps.map(({ retry }) => retry));
  return waits >= 5 ? 10 : waits >= 3 ? 20 : 50;
}

function meansOf(gaps: readonly OwnGap[]): { retry: number; meanUs: number }[] {
  return [...Map.groupBy(gaps, ({ retry }) => retry)]
    .map(([retry, own]) => ({ retry, meanUs: own.reduce((sum, { gapUs }) => sum + gapUs, 0) / own.length }))
    .sort((a, b) => a.retry - b.retry);
}

/** exp of the least-squares slope of ln(mean wait) over the retry. */
function growthOf(means: readonly { retry: number; meanUs: number }[]): number {
  const x = means.reduce((sum, { retry }) => sum + retry, 0) / means.length;
  const y = means.reduce((sum, { meanUs }) => sum + Math.log(Math.max(1, meanUs)), 0) / means.length;
  const over = means.reduce((sum, { retry, meanUs }) => sum + (retry - x) * (Math.log(Math.max(1, meanUs)) - y), 0);
  const under = means.reduce((sum, { retry }) => sum + (retry - x) ** 2, 0);
  return under === 0 ? 1 : Math.exp(over / under);
}

function verdictOn(gaps: readonly OwnGap[], calls: number): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  const means = meansOf(gaps);
  const growth = growthOf(means);
  const shown = means.slice(0, 5).map(({ meanUs }) => formatDuration(Math.round(meanUs / 1000) * 1000));
  const reason = `Over ${calls} calls the waits were ${shown.join(', ')}: × ${growth.toFixed(2)} from one to the next.`;
  if (growth >= GROWS) return { status: 'pass', figure: growth, evidence: [], reason, advice: '' };
  return {
    status: 'warn',
    figure: growth,
    evidence: gaps.slice(0, 10).map(evidenceOf),
    reason,
    advice:
      'Let the wait double from try to try, up to a cap: a pause that never grows keeps on knocking at a closed door.',
  };
}

function evidenceOf({ call, next, gapUs, retry }: OwnGap): Evidence {
  const what = `waited ${formatDuration(gapUs)} before retry ${retry + 1}`;
  return { call: call.id, attempt: next.id, atUs: next.startUs, what };
}
