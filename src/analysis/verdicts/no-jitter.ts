import { formatDuration } from '../../../mock-server/duration.ts';
import { attributionGap, undecided } from '../finding.ts';
import { FULL_JITTER, NO_JITTER, type OwnGap, ownGaps, type Spread, spreadOf } from '../own-gaps.ts';
import type { Run } from '../run-view.ts';
import type { Evidence, Finding, Judge } from '../verdict.ts';

const THRESHOLD = `warn below ${NO_JITTER}`;
/** Waits at one retry index by which a client with 25 % of jitter is told from one with none (`backoff.md` 4.1). */
const NEEDED = 10;

/**
 * Do equal situations give equal waits? (`backoff.md` 3.5.) The coefficient of variation of the waits that no Retry-After
 * explains, by retry. A statistic of one run: it warns.
 */
export const noJitter: Judge = {
  id: 'no-jitter',
  question: 'Does everybody wait equally long?',
  defaultSeverity: 'warn',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const gaps = ownGaps(run);
    const spread = spreadOf(gaps);
    const n = Math.max(0, ...[...Map.groupBy(gaps, ({ retry }) => retry).values()].map((own) => own.length));
    const common = { unit: 'variation of waits', threshold: THRESHOLD, n, needed: NEEDED };
    if (gaps.length === 0) {
      return undecided('not-applicable', {
        ...common,
        reason: 'There was no wait that a Retry-After does not explain.',
      });
    }
    if (!spread || n < NEEDED) {
      const reason = `${n} waits of one kind were seen; ${NEEDED} are needed.`;
      return undecided('inconclusive', { ...common, reason, advice: 'Use more load, or a limit that tells no wait.' });
    }
    return { ...common, ...verdictOn(gaps, spread) };
  },
};

function verdictOn(gaps: readonly OwnGap[], { cv }: Spread): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  if (cv >= NO_JITTER) {
    const kind = cv > FULL_JITTER ? 'all of their length' : 'a part of their length';
    const reason = `Waits of the same retry differ by ${cv.toFixed(2)} of their mean: spread over ${kind}.`;
    return { status: 'pass', figure: cv, evidence: [], reason, advice: '' };
  }
  const first = gaps.filter(({ retry }) => retry === gaps[0]!.retry);
  return {
    status: 'warn',
    figure: cv,
    evidence: first.slice(0, 10).map(evidenceOf),
    reason: `${first.length} waits before the same retry were all about ${formatDuration(first[0]!.gapUs)}, ${cv.toFixed(3)} of their mean apart.`,
    advice:
      'Draw each wait at random, between nothing and the backoff (full jitter), so that those refused together part.',
  };
}

function evidenceOf({ call, next, gapUs, retry }: OwnGap): Evidence {
  const what = `waited ${formatDuration(gapUs)} before retry ${retry + 1}`;
  return { call: call.id, attempt: next.id, atUs: next.startUs, what };
}
