import type { Range } from '../../mock-server/dialects/stated-wait.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithms.ts';
import { fitWindows } from './fit-window.ts';
import { describe, type Figures } from './learn-figures.ts';
import type { LimitReading, RefusalDetails } from './limit-reading.ts';
import type { MeteredRequest, Traffic } from './traffic.ts';

/** Refusals and admitted requests needed to infer a rate. */
const MIN_REFUSALS = 5;
const MIN_ADMITTED = 10;
const S = 1_000_000;

/**
 * Infers a limit that only shows in refusals: the admitted rate while refusals continue, and whether Retry-After ends at
 * common times (a fixed window) or moves (a bucket). Returns a reason if the recording has too few requests.
 */
export function learnFromCounts({ requests, refusals }: Pick<Traffic, 'requests' | 'refusals'>): Figures | string {
  const admitted = requests.filter((request) => request.admitted);
  if (refusals.length < MIN_REFUSALS || admitted.length < MIN_ADMITTED) {
    return `a rate: ${refusals.length} refusals and ${admitted.length} admitted requests are too few, and no header or message states a limit`;
  }
  return fixedWindow(refusals, admitted) ?? bucket(refusals, admitted);
}

/** Infers a fixed window if the requested waits end at a few common times and the same number of requests passed between them. */
function fixedWindow(refusals: readonly RefusalDetails[], admitted: readonly MeteredRequest[]): Figures | undefined {
  const readings = refusals.flatMap(({ waitUs, ...rest }): LimitReading[] =>
    waitUs ? [{ ...rest, unit: 'requests', limit: 1, remaining: 0, rounding: 0, resetUs: waitUs, refused: true }] : [],
  );
  if (readings.length < refusals.length / 2 || !hasDifferentWaits(readings)) return undefined;
  const fit = fitWindows(1, [readings], 2000).find(({ spec }) => spec.algorithm === 'fixed-window');
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
  const because = `${describe(spec)}: Retry-After ends at common times, and ${amount} requests passed in ${same ? 'each' : 'most'} of ${counts.length} windows with refusals`;
  return { spec, confidence: same && counts.length > 2 ? 'likely' : 'guess', because, open: [] };
}

/** Only waits of different lengths can reveal a fixed window. */
function hasDifferentWaits(readings: readonly LimitReading[]): boolean {
  return new Set(readings.map(({ resetUs }) => resetUs!.high)).size > 2;
}

function bucket(refusals: readonly RefusalDetails[], admitted: readonly MeteredRequest[]): Figures | string {
  const saturation = longestSaturation(refusals);
  const spanUs = saturation.high - saturation.low;
  const count = admitted.filter(({ atUs }) => atUs > saturation.low && atUs <= saturation.high).length;
  if (count < MIN_ADMITTED || spanUs < S) return 'a rate: too few requests were admitted while refusals continued';
  const perUs = poissonInterval(count, spanUs);
  const refill = roundestRate(perUs) ?? {
    amount: Math.max(1, Math.round((count / spanUs) * 60 * S)),
    periodUs: 60 * S,
  };
  const before = admitted.filter(({ atUs }) => atUs <= saturation.low);
  const [first] = before;
  const sinceUs = first === undefined ? 0 : saturation.low - first.atUs;
  const capacity = Math.max(1, Math.round(before.length - (sinceUs * refill.amount) / refill.periodUs));
  const spec: AlgorithmSpec = { algorithm: 'token-bucket', capacity, refill };
  const per = (rate: number): string => (rate * 60 * S).toPrecision(3);
  const because = `${describe(spec)}: ${count} requests passed in ${(spanUs / S).toFixed(1)} s of refusals, or ${per(perUs.low)} to ${per(perUs.high)} per minute`;
  const open = [
    'which algorithm it is: a token bucket is assumed',
    first === undefined
      ? 'the burst from idle: the recording starts with refusals, so it does not show one'
      : 'the burst from idle: the requests before the first refusal are taken',
  ];
  return { spec, confidence: 'guess', because, open };
}

/** Returns the longest period of continuous refusals. */
function longestSaturation(refusals: readonly RefusalDetails[]): Range {
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

/** 90 % interval of a rate from its count: the square root of a Poisson count has a standard deviation of 1/2 (Anscombe 1948). */
function poissonInterval(count: number, spanUs: number): Range {
  const root = Math.sqrt(count);
  return { low: Math.max(0, root - 0.82) ** 2 / spanUs, high: (root + 0.82) ** 2 / spanUs };
}

/** Returns the only rate with one significant digit per second or minute in the range, if there is exactly one. */
function roundestRate(perUs: Range): { amount: number; periodUs: number } | undefined {
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
