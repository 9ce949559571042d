import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, neverArose } from '../judging/define-judge.ts';
import {
  FULL_JITTER,
  growthOf,
  type MeanWait,
  meansByRetry,
  NO_JITTER,
  type OwnGap,
  ownGaps,
  spreadOf,
} from '../judging/own-gaps.ts';
import { causesOf } from '../run/by-cause.ts';
import { bootstrapInterval } from '../statistics/interval.ts';

/**
 * What does its backoff look like? (`backoff.md` 3.7.) Information: the first wait, how waits grow, where they are capped and
 * how they are spread. It never fails.
 */
export const backoffShape = defineJudge({
  id: 'backoff-shape',
  question: 'What does its backoff look like?',
  severity: 'warn',
  about: 'calls',
  unit: '× per retry',
  settings: {},
  threshold: () => 'for information',
  decide(run) {
    const causes = causesOf(ownGaps(run));
    const [{ gaps, name } = { gaps: [], name: '' }] = causes;
    if (gaps.length === 0) return neverArose('There was no wait that a Retry-After does not explain.');
    const byCall = [...Map.groupBy(gaps, ({ call }) => call.id).values()];
    const cv = spreadOf(gaps)?.cv ?? 0;
    const means = meansByRetry(byCall);
    const growth = growthOf(byCall);
    const interval = bootstrapInterval(byCall, growthOf);
    const shown = means.slice(0, 5).map(({ meanUs }) => formatDuration(Math.round(meanUs / 1000) * 1000));
    const grows = interval
      ? `× ${growth.toFixed(2)} from one to the next (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`
      : `× ${growth.toFixed(2)} from one to the next`;
    return {
      status: 'pass',
      n: byCall.length,
      needed: 1,
      figure: growth,
      interval,
      reason: `Waits of its own${causes.length > 1 ? ` after ${name}` : ''}: ${shown.join(', ')}, ${grows}; ${capOf(means, gaps, cv)}; ${jitterOf(cv)}.`,
    };
  },
});

/** The cap: from where on no mean is 15 % above the one before it, for two steps, or for one seen twenty times. */
function capOf(means: readonly MeanWait[], gaps: readonly OwnGap[], cv: number): string {
  if (!gaps.some(({ retry }) => retry >= 2)) return 'too few waits in one call to see a cap';
  const flatFrom = means.findIndex((_, index) => {
    const later = means.slice(index);
    const flat = later.every(({ meanUs }, step) => step === 0 || meanUs / later[step - 1]!.meanUs < 1.15);
    return flat && (later.length > 2 || (later.length === 2 && later.every(({ n }) => n >= 20)));
  });
  if (flatFrom === -1) return 'no cap was reached';
  const flat = means.slice(flatFrom);
  const meanUs = flat.reduce((sum, mean) => sum + mean.meanUs, 0) / flat.length;
  // The mean of a wait that is drawn lies below its cap by half of the width that it is drawn from.
  const capUs = meanUs / (1 - widthOf(cv) / 2);
  return `capped at about ${formatDuration(Math.round(capUs / 1e5) * 1e5)}`;
}

/** The part of a wait that is drawn, from its coefficient of variation: U(1 − w, 1) has w / √12 / (1 − w / 2). */
function widthOf(cv: number): number {
  return cv < NO_JITTER ? 0 : Math.min(1, cv / (1 / Math.sqrt(12) + cv / 2));
}

function jitterOf(cv: number): string {
  if (cv < NO_JITTER) return 'no jitter';
  return cv > FULL_JITTER ? `full jitter (${cv.toFixed(2)})` : `some jitter (${cv.toFixed(2)})`;
}
