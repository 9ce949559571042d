import { type Random, randomFor } from '../../../mock-server/random.ts';
import { defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';
import { mostByChance } from '../statistics/chance.ts';
import { shareInterval } from '../statistics/interval.ts';

const MINUTE_US = 60_000_000;
const BINS = 10;
const BIN_US = MINUTE_US / BINS;
/** A queue that sends evenly makes all tenths nearly alike: only one that stands out is a burst. */
const STANDS_OUT = 1.2;
const WINDOWS = new Set(['fixed-window', 'calendar-quota', 'sliding-window-counter']);

/** How many minutes had most of their requests in their first tenth. */
interface Minutes {
  readonly n: number;
  readonly first: number;
  readonly worst: { readonly startUs: number; readonly inFirst: number; readonly all: number };
}

/**
 * Does it send at the top of the minute? (`backoff.md` 3.18.) In a tenth of minutes the first tenth is the fullest by
 * chance, however bursty requests are; more than that in 99 of 100 runs is the clock.
 */
export const burstsAtWindowBoundary = defineJudge({
  id: 'bursts-at-window-boundary',
  question: 'Does it send at the top of the minute?',
  severity: 'warn',
  about: 'attempts',
  statistical: true,
  unit: 'share of minutes',
  settings: {
    minutes: number(5, 'whole minutes that are needed'),
    arrivals: number(20, 'requests in a minute that are needed'),
  },
  threshold: () => 'fail above what chance gives in 99 of 100 runs: 2 of 5 minutes, 4 of 10, 7 of 30',
  decide(run, { minutes, arrivals }) {
    const originUs = run.header.generated.startedUs;
    const sent = minutesOf(
      run.attempts.map(({ startUs }) => startUs + originUs),
      arrivals,
      randomFor(run.header.seed, 'minutes'),
    );
    const { n, first, worst } = sent;
    if (n < minutes) {
      if (run.endUs < minutes * MINUTE_US)
        return neverArose(`The run has no ${minutes} minutes with ${arrivals} requests each.`);
      const reason = `${n} minutes had ${arrivals} requests or more; ${minutes} are needed.`;
      return tooLittle(n, minutes, reason, 'Run longer, or with more load.');
    }
    const most = mostByChance(n, 1 / BINS);
    const common = { n, needed: minutes, figure: first / n, interval: shareInterval(first, n) };
    const seen = `In ${first} of ${n} minutes the first six seconds were the fullest (chance: up to ${most})`;
    if (first <= most) return { status: 'pass', ...common, reason: `${seen}.` };
    const planned = minutesOf(
      run.calls.map(({ scheduledUs }) => scheduledUs + originUs),
      1,
      randomFor(run.header.seed, 'planned'),
    );
    if (planned.n >= minutes && planned.first > mostByChance(planned.n, 1 / BINS)) {
      return { status: 'pass', ...common, reason: `${seen}, and so were those of the load itself.` };
    }
    const window = run.header.scenario.provider.limits.find(({ spec }) => WINDOWS.has(spec.algorithm));
    if (window) {
      const reason = `${seen}: the limit ${window.name} opens with its window, so those who obey it come then.`;
      return { status: 'pass', ...common, reason };
    }
    const attempt = run.attempts.find(({ startUs }) => startUs + originUs >= worst.startUs)!;
    return {
      status: 'fail',
      ...common,
      evidence: [
        proof(attempt, `${worst.inFirst} of the ${worst.all} requests of this minute came in its first six seconds`),
      ],
      reason: `${seen}.`,
      advice: 'Do not wait for the minute to turn: spread work over it, or start timers at a random second.',
    };
  },
});

/** Looks at whole minutes of the clock with enough requests; ties between tenths are broken by chance. */
function minutesOf(moments: readonly number[], least: number, random: Random): Minutes {
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
    if (all < least) continue;
    n++;
    const fullest = Math.max(...bins);
    const ties = bins.filter((count) => count === fullest).length;
    const burst = bins[0] === fullest && fullest > (STANDS_OUT * all) / BINS;
    if (burst && (ties === 1 || random() < 1 / ties)) first++;
    if (bins[0]! > worst.inFirst) worst = { startUs: minute * MINUTE_US, inFirst: bins[0]!, all };
  }
  return { n, first, worst };
}
