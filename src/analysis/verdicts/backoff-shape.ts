import { formatMetric, round } from '../format.ts';
import { defineJudge, notApplicable } from '../judging/define-judge.ts';
import {
  FULL_JITTER,
  growthOf,
  type MeanWait,
  meanWaits,
  NO_JITTER,
  type OwnGap,
  ownGaps,
  showsGrowth,
  spreadOf,
} from '../judging/own-gaps.ts';
import { WAIT_FACTS } from '../judging/recorded-facts.ts';
import { groupByCause } from '../run/by-cause.ts';
import { bootstrapInterval, type Interval } from '../statistics/interval.ts';

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
    const [most] = causes;
    if (!most) {
      return notApplicable('The client chose no wait itself: Retry-After set every wait, or nothing was retried.');
    }
    const byCall = callsOf(most.gaps);
    const interval = showsGrowth(most.gaps) ? bootstrapInterval(byCall, growthOf) : undefined;
    const shapes = causes.map(({ gaps, name }) => {
      const after = causes.length > 1 || name !== 'refusals' ? ` after ${name}` : '';
      return `Backoff${after}: ${describeShape(gaps, gaps === most.gaps ? interval : undefined)}.`;
    });
    return {
      status: 'pass',
      n: byCall.length,
      needed: 1,
      // A single wait has no growth.
      ...(showsGrowth(most.gaps) && { figure: growthOf(byCall) }),
      interval,
      reason: shapes.join(' '),
    };
  },
});

const callsOf = (gaps: readonly OwnGap[]): OwnGap[][] => [...Map.groupBy(gaps, ({ call }) => call.id).values()];

function describeShape(gaps: readonly OwnGap[], interval: Interval | undefined): string {
  const means = meanWaits([gaps]);
  const cv = spreadOf(gaps)?.cv;
  const shown = means.slice(0, MAX_SHOWN).map(({ meanUs }) => formatMetric(meanUs));
  const more = means.length > MAX_SHOWN ? ', …' : '';
  const facts = [
    `${shown.join(', ')}${more}`,
    describeGrowth(gaps, interval),
    describeCap(means, gaps, cv ?? 0),
    cv === undefined ? 'too few waits to see jitter' : describeJitter(cv),
  ];
  return facts.join('; ');
}

/** Waits shown of each cause. */
const MAX_SHOWN = 5;

function describeGrowth(gaps: readonly OwnGap[], interval: Interval | undefined): string {
  if (!showsGrowth(gaps)) return 'too few waits per call to see growth';
  const growth = `× ${round(growthOf([gaps]))} per retry`;
  return interval ? `${growth} (${round(interval.low)} to ${round(interval.high)})` : growth;
}

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
  return `cap about ${formatMetric(Math.round(capUs / 1e5) * 1e5)}`;
}

/** The random share w of a wait, from its coefficient of variation: U(1 − w, 1) has w / √12 / (1 − w / 2). */
function jitterWidth(cv: number): number {
  return cv < NO_JITTER ? 0 : Math.min(1, cv / (1 / Math.sqrt(12) + cv / 2));
}

function describeJitter(cv: number): string {
  if (cv < NO_JITTER) return 'no jitter';
  return cv > FULL_JITTER ? `full jitter (variation ${round(cv)})` : `some jitter (variation ${round(cv)})`;
}
