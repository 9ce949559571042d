import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import { fitWindows } from './fit-window.ts';
import { describe, type Figures } from './learn-figures.ts';
import type { Range } from './range.ts';
import type { Reading, RefusalWords } from './reading.ts';
import type { Draw, Traffic } from './traffic.ts';

/** Fewer refusals or admitted requests than these tell no rate. */
const LEAST_REFUSALS = 5;
const LEAST_ADMITTED = 10;
const S = 1_000_000;

/**
 * A limit that only its refusals show: the rate of what passes while refusals keep coming, and whether Retry-After points to
 * one moment (a fixed window) or moves along (a bucket). A text where the recording holds too little.
 */
export function learnFromCounts({ draws, refusals }: Pick<Traffic, 'draws' | 'refusals'>): Figures | string {
  const admitted = draws.filter((draw) => draw.admitted);
  if (refusals.length < LEAST_REFUSALS || admitted.length < LEAST_ADMITTED) {
    return `a rate: no header or message tells limits, and ${refusals.length} refusals and ${admitted.length} admitted requests are too few to count`;
  }
  return fixedWindow(refusals, admitted) ?? bucket(refusals, admitted);
}

/** Amount and window where the waits that were told end at a few common moments, and as much passed between any two. */
function fixedWindow(refusals: readonly RefusalWords[], admitted: readonly Draw[]): Figures | undefined {
  const told = refusals.flatMap(({ waitUs, ...rest }): Reading[] =>
    waitUs ? [{ ...rest, unit: 'requests', limit: 1, remaining: 0, rounding: 0, resetUs: waitUs, refused: true }] : [],
  );
  if (told.length < refusals.length / 2 || !moves(told)) return undefined;
  const fit = fitWindows(1, [told], 2000).find(({ spec }) => spec.algorithm === 'fixed-window');
  if (fit?.spec.algorithm !== 'fixed-window') return undefined;
  const { windowUs, offsetUs = 0 } = fit.spec;
  const windowOf = (atUs: number): number => Math.floor((atUs - offsetUs) / windowUs);
  const full = new Set(refusals.map(({ atUs }) => windowOf(atUs)));
  full.delete(windowOf(admitted[0]!.atUs));
  const counts = [...full].map((window) => admitted.filter(({ atUs }) => windowOf(atUs) === window).length);
  if (counts.length < 2) return undefined;
  const amount = Math.max(...counts);
  const same = counts.every((count) => count === amount);
  if (amount === 0 || (!same && counts.filter((count) => count === amount).length < counts.length * 0.8))
    return undefined;
  const spec: AlgorithmSpec = { ...fit.spec, amount };
  const because = `${describe(spec)}: Retry-After points to common moments, and ${amount} requests passed in ${same ? 'each' : 'most'} of ${counts.length} windows that ended in refusals`;
  return { spec, confidence: same && counts.length > 2 ? 'likely' : 'guess', because, open: [] };
}

/** A fixed window is seen in waits that grow shorter; waits that are all the same say nothing of it. */
function moves(told: readonly Reading[]): boolean {
  return new Set(told.map(({ resetUs }) => resetUs!.high)).size > 2;
}

function bucket(refusals: readonly RefusalWords[], admitted: readonly Draw[]): Figures | string {
  const stretch = saturated(refusals);
  const spanUs = stretch.high - stretch.low;
  const count = admitted.filter(({ atUs }) => atUs > stretch.low && atUs <= stretch.high).length;
  if (count < LEAST_ADMITTED || spanUs < S) return 'a rate: too little passed while refusals kept coming';
  const perUs = poisson(count, spanUs);
  const refill = roundestIn(perUs) ?? { amount: Math.max(1, Math.round((count / spanUs) * 60 * S)), periodUs: 60 * S };
  const before = admitted.filter(({ atUs }) => atUs <= stretch.low);
  const sinceUs = stretch.low - before[0]!.atUs;
  const capacity = Math.max(1, Math.round(before.length - (sinceUs * refill.amount) / refill.periodUs));
  const spec: AlgorithmSpec = { algorithm: 'token-bucket', capacity, refill };
  const per = (rate: number): string => (rate * 60 * S).toPrecision(3);
  const because = `${describe(spec)}: ${count} requests passed in ${(spanUs / S).toFixed(1)} s of refusals, which is ${per(perUs.low)} to ${per(perUs.high)} a minute`;
  const open = [
    'which algorithm it is, so that a token bucket is assumed',
    'how much passes at once from idle, so that what passed before the first refusal is taken',
  ];
  return { spec, confidence: 'guess', because, open };
}

/** The longest time in which refusals kept coming. */
function saturated(refusals: readonly RefusalWords[]): Range {
  const gaps = refusals.slice(1).map(({ atUs }, n) => atUs - refusals[n]!.atUs);
  const usualUs = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length * 0.9)] ?? 0;
  let best = { low: refusals[0]!.atUs, high: refusals[0]!.atUs };
  let low = best.low;
  for (const [n, gap] of gaps.entries()) {
    if (gap > 5 * Math.max(usualUs, S)) low = refusals[n + 1]!.atUs;
    const { atUs: high } = refusals[n + 1]!;
    if (high - low > best.high - best.low) best = { low, high };
  }
  return best;
}

/** 90 % interval of a rate of which `count` were seen: the square root of a Poisson count varies by a half (Anscombe 1948). */
function poisson(count: number, spanUs: number): Range {
  const root = Math.sqrt(count);
  return { low: Math.max(0, root - 0.82) ** 2 / spanUs, high: (root + 0.82) ** 2 / spanUs };
}

/** The one figure of one leading digit per second or minute, if there is only one. */
function roundestIn(perUs: Range): { amount: number; periodUs: number } | undefined {
  const found = [60 * S, S].flatMap((periodUs) =>
    [1, 2, 3, 5, 6].flatMap((digit) =>
      [1, 10, 100, 1000, 10_000].flatMap((power) => {
        const rate = (digit * power) / periodUs;
        return rate >= perUs.low && rate <= perUs.high ? [{ amount: digit * power, periodUs }] : [];
      }),
    ),
  );
  const rates = new Set(found.map(({ amount, periodUs }) => amount / periodUs));
  return rates.size === 1 ? found[0] : undefined;
}
