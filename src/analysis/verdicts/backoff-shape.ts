import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, notApplicable } from '../judging/define-judge.ts';
import {
  FULL_JITTER,
  growthOf,
  type MeanWait,
  meanWaits,
  NO_JITTER,
  type OwnGap,
  ownGaps,
  spreadOf,
} from '../judging/own-gaps.ts';
import { WAIT_FACTS } from '../judging/recorded-facts.ts';
import { groupByCause } from '../run/by-cause.ts';
import { bootstrapInterval } from '../statistics/interval.ts';

/** Describes the backoff: first wait, growth, cap and jitter (`backoff.md` 3.7). Never fails. */
export const backoffShape = defineJudge({
  id: 'backoff-shape',
  question: 'What does its backoff look like?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault (kind: status, status: 503), so that the client chooses its own waits.',
  about: 'calls',
  needs: WAIT_FACTS,
  unit: '× per retry',
  settings: {},
  threshold: () => 'informational',
  decide(run) {
    const causes = groupByCause(ownGaps(run));
    const [{ gaps, name } = { gaps: [], name: '' }] = causes;
    if (gaps.length === 0)
      return notApplicable('The client chose no wait itself: Retry-After set every wait, or nothing was retried.');
    const byCall = [...Map.groupBy(gaps, ({ call }) => call.id).values()];
    const cv = spreadOf(gaps)?.cv ?? 0;
    const means = meanWaits(byCall);
    const growth = growthOf(byCall);
    const interval = bootstrapInterval(byCall, growthOf);
    const shown = means.slice(0, 5).map(({ meanUs }) => formatDuration(Math.round(meanUs / 1000) * 1000));
    const grows = interval
      ? `× ${growth.toFixed(2)} per retry (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`
      : `× ${growth.toFixed(2)} per retry`;
    return {
      status: 'pass',
      n: byCall.length,
      needed: 1,
      figure: growth,
      interval,
      reason: `Backoff${causes.length > 1 ? ` after ${name}` : ''}: ${shown.join(', ')}; ${grows}; ${describeCap(means, gaps, cv)}; ${describeJitter(cv)}.`,
    };
  },
});

/** The cap: the first mean after which no step grows by 15 %, over two steps, or over one step with 20 samples. */
function describeCap(means: readonly MeanWait[], gaps: readonly OwnGap[], cv: number): string {
  if (!gaps.some(({ retry }) => retry >= 2)) return 'too few waits per call to see a cap';
  const flatFrom = means.findIndex((_, index) => {
    const later = means.slice(index);
    const flat = later.every(({ meanUs }, step) => step === 0 || meanUs / later[step - 1]!.meanUs < 1.15);
    return flat && (later.length > 2 || (later.length === 2 && later.every(({ n }) => n >= 20)));
  });
  if (flatFrom === -1) return 'no cap reached';
  const flat = means.slice(flatFrom);
  const meanUs = flat.reduce((sum, mean) => sum + mean.meanUs, 0) / flat.length;
  // The mean of a jittered wait lies below its cap by half the width of the jitter.
  const capUs = meanUs / (1 - jitterWidth(cv) / 2);
  return `cap about ${formatDuration(Math.round(capUs / 1e5) * 1e5)}`;
}

/** The random share w of a wait, from its coefficient of variation: U(1 − w, 1) has w / √12 / (1 − w / 2). */
function jitterWidth(cv: number): number {
  return cv < NO_JITTER ? 0 : Math.min(1, cv / (1 / Math.sqrt(12) + cv / 2));
}

function describeJitter(cv: number): string {
  if (cv < NO_JITTER) return 'no jitter';
  return cv > FULL_JITTER ? `full jitter (variation ${cv.toFixed(2)})` : `some jitter (variation ${cv.toFixed(2)})`;
}
