import { algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { type Random, randomFor } from '../../../mock-server/random.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';
import { maxByChance } from '../statistics/chance.ts';
import { largest } from '../statistics/extremes.ts';
import { shareInterval } from '../statistics/interval.ts';

const MINUTE_US = 60_000_000;
const BINS = 10;
const BIN_US = MINUTE_US / BINS;
/** An even queue fills all tenths almost equally, so a burst must exceed the mean by this factor. */
const MIN_BURST_RATIO = 1.2;
/** Refills that change at the boundaries of windows. */
const WINDOW_REFILLS = new Set(['at-reset', 'by-weight']);

/** The number of minutes with enough requests, and of those whose first tenth was the busiest. */
interface Minutes {
  readonly n: number;
  readonly first: number;
  readonly worst: { readonly startUs: number; readonly inFirst: number; readonly all: number };
}

/**
 * Detects requests that cluster at the top of the minute (`backoff.md` 3.18). By chance, the first tenth is the busiest in one
 * of ten minutes, however bursty the requests are; the verdict fails above the 99th percentile of that count.
 */
export const burstsAtWindowBoundary = defineJudge({
  id: 'bursts-at-window-boundary',
  question: 'Does it send at the top of the minute?',
  severity: 'warn',
  decidedBy: 'chance',
  arrange: 'Run for at least five minutes, with at least 20 requests a minute.',
  about: 'attempts',
  // Clients that obey a window limit return at the start of its window.
  needs: { limits: 'to-fail' },
  unit: 'share of minutes',
  settings: {
    minutes: number(5, 'minimum whole minutes'),
    arrivals: number(20, 'minimum requests per minute'),
  },
  threshold: () => 'fail above the 99 % bound of chance: 2 of 5 minutes, 4 of 10, 7 of 30',
  decide(run, { minutes, arrivals }) {
    const originUs = run.header.generated.startedUs;
    const sent = countMinutes(
      run.attempts.map(({ startUs }) => startUs + originUs),
      arrivals,
      randomFor(run.header.seed, 'minutes'),
    );
    const { n, first, worst } = sent;
    if (n < minutes) {
      if (run.endUs < minutes * MINUTE_US) return notApplicable(`The run is shorter than ${minutes} minutes.`);
      const reason = `${n} minutes had at least ${arrivals} requests; ${minutes} are needed.`;
      return inconclusive(n, minutes, reason, 'Run longer or with more load.');
    }
    const most = maxByChance(n, 1 / BINS);
    const common = { n, needed: minutes, figure: first / n, interval: shareInterval(first, n) };
    const summary = `${first} of ${n} minutes were busiest in their first 6 s (chance: up to ${most})`;
    if (first <= most) return { status: 'pass', ...common, reason: `${summary}.` };
    const planned = countMinutes(
      run.calls.map(({ scheduledUs }) => scheduledUs + originUs),
      1,
      randomFor(run.header.seed, 'planned'),
    );
    if (planned.n >= minutes && planned.first > maxByChance(planned.n, 1 / BINS)) {
      return { status: 'pass', ...common, reason: `${summary}; so is the scheduled load.` };
    }
    const window = limitsOf(run.header.scenario).find(({ spec }) => WINDOW_REFILLS.has(algorithmOf(spec).refills));
    if (window) {
      const reason = `${summary}; limit ${window.name} resets then, so clients that obey it return then.`;
      return { status: 'pass', ...common, reason };
    }
    const attempt = run.attempts.find(({ startUs }) => startUs + originUs >= worst.startUs)!;
    return {
      status: 'fail',
      ...common,
      evidence: [proof(attempt, `${worst.inFirst} of this minute's ${worst.all} requests came in its first 6 s`)],
      reason: `${summary}.`,
      advice: 'Spread work over the minute, or start timers at a random second.',
    };
  },
});

/** Counts clock minutes with at least `minimum` requests; breaks ties between tenths at random. */
function countMinutes(moments: readonly number[], minimum: number, random: Random): Minutes {
  const counts = new Map<number, number[]>();
  for (const atUs of moments) {
    const minute = Math.floor(atUs / MINUTE_US);
    const bins = counts.get(minute) ?? Array.from({ length: BINS }, () => 0);
    bins[Math.floor((atUs - minute * MINUTE_US) / BIN_US)]!++;
    counts.set(minute, bins);
  }
  let [n, first] = [0, 0];
  let worst = { startUs: 0, inFirst: 0, all: 0 };
  for (const [minute, bins] of counts) {
    const all = bins.reduce((sum, count) => sum + count, 0);
    if (all < minimum) continue;
    n++;
    const fullest = largest(bins);
    const ties = bins.filter((count) => count === fullest).length;
    const burst = bins[0] === fullest && fullest > (MIN_BURST_RATIO * all) / BINS;
    if (burst && (ties === 1 || random() < 1 / ties)) first++;
    if (bins[0]! > worst.inFirst) worst = { startUs: minute * MINUTE_US, inFirst: bins[0]!, all };
  }
  return { n, first, worst };
}
