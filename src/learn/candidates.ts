import type { Range } from '../../mock-server/dialects/stated-wait.ts';
import { fillTimeFromReadings, fillTimeFromRows, fillTimeFromWaits } from './fit-bucket.ts';
import { fitWindows } from './fit-window.ts';
import type { LimitReading } from './limit-reading.ts';
import { intersect } from './range.ts';
import { type LimitGuess, replay } from './replay.ts';
import { roundRefill } from './round-figure.ts';
import type { Series } from './series.ts';
import { byBucket, type Split, splitsOf } from './traffic.ts';

/** A limit that fits the resets, and how much of the recording it predicts. */
export interface Candidate extends LimitGuess {
  /** Share of readings predicted, from 0 to 1: remaining units and resets for request limits, only resets for token windows. */
  readonly share: number;
  readonly compared: number;
  readonly fits: 'only' | 'usual' | 'some';
}

/** Tolerances for clocks and networks, tried in this order. */
const TOLERANCES_US = [2_000, 50_000, 300_000];
/** From this share on, a candidate is taken to predict the recording. */
export const GOOD_SHARE = 0.98;

/** Returns the candidates for a series, best first, at the smallest tolerance at which one predicts the recording. */
export function findCandidates(whole: Series): Candidate[] {
  const series = firstReadings(whole);
  let best: Candidate[] = [];
  for (const toleranceUs of TOLERANCES_US) {
    const found = [...buckets(series, toleranceUs), ...windows(series, toleranceUs)].sort(compareCandidates);
    if ((found[0]?.share ?? 0) > (best[0]?.share ?? -1)) best = found;
    if (best[0] && best[0].share >= GOOD_SHARE) break;
  }
  return best;
}

/** Readings to compare; later ones are ignored. */
const MAX_READINGS = 20_000;

function firstReadings(series: Series): Series {
  const { readings, requests } = series;
  if (readings.length <= MAX_READINGS) return series;
  const last = readings[MAX_READINGS - 1]!.index;
  return {
    ...series,
    readings: readings.slice(0, MAX_READINGS),
    requests: requests.filter(({ index }) => index <= last),
  };
}

const FITS = ['only', 'usual', 'some'];

function compareCandidates(a: Candidate, b: Candidate): number {
  if (Math.abs(a.share - b.share) > 1e-9) return b.share - a.share;
  const simpler = Number(a.chargesRefused) - Number(b.chargesRefused) || a.split.length - b.split.length;
  return simpler || FITS.indexOf(a.fits) - FITS.indexOf(b.fits);
}

function buckets(series: Series, toleranceUs: number): Candidate[] {
  const { unit, limit, readings, refusals, requests } = series;
  if (readings.length === 0) return [];
  const fromResets = fillTimeFromReadings(limit, readings, toleranceUs);
  if (!fromResets) return [];
  const waits = fillTimeFromWaits(limit, refusals);
  const single = (waits && intersect([fromResets, waits])) ?? fromResets;
  const compared = readings.filter(({ resetUs }) => resetUs).length;
  if (unit !== 'requests') return bucket(series, single, [], false, { share: 1, compared });
  const byRequest = indexByRequest(readings);
  return variants(series).flatMap(({ split, chargesRefused }) => {
    const row = fillTimeFromRows(limit, { requests, readings: byRequest }, { split, chargesRefused }, toleranceUs);
    const fill = row ? intersect([single, row]) : single;
    if (!fill) return [];
    return bucket(series, fill, split, chargesRefused).map((candidate) =>
      scoreCandidate(candidate, series, byRequest, toleranceUs),
    );
  });
}

function variants({ requests }: Series): Pick<LimitGuess, 'split' | 'chargesRefused'>[] {
  const hasRefusals = requests.some(({ admitted }) => !admitted);
  return splitsOf(requests).flatMap((split) =>
    (hasRefusals ? [false, true] : [false]).map((chargesRefused) => ({ split, chargesRefused })),
  );
}

function bucket(
  { limit }: Series,
  fillUs: Range,
  split: Split,
  chargesRefused: boolean,
  score = { share: 0, compared: 0 },
): Candidate[] {
  if (fillUs.low <= 0 || fillUs.high === Infinity) return [];
  const { value: refill, fits } = roundRefill(limit, fillUs);
  return [{ spec: { algorithm: 'token-bucket', capacity: limit, refill }, split, chargesRefused, fits, ...score }];
}

function windows(series: Series, toleranceUs: number): Candidate[] {
  const { limit, readings, requests } = series;
  const byRequest = indexByRequest(readings);
  const fits = new Map(
    splitsOf(requests).map((split) => [String(split), fitWindows(limit, byBucket(readings, split), toleranceUs)]),
  );
  return variants(series).flatMap(({ split, chargesRefused }) =>
    fits
      .get(String(split))!
      .map((fit) =>
        scoreCandidate({ ...fit, split, chargesRefused, share: 0, compared: 0 }, series, byRequest, toleranceUs),
      ),
  );
}

function indexByRequest(readings: readonly LimitReading[]): ReadonlyMap<number, LimitReading> {
  return new Map(readings.map((reading) => [reading.index, reading]));
}

function scoreCandidate(
  candidate: Candidate,
  { requests }: Series,
  readings: ReadonlyMap<number, LimitReading>,
  toleranceUs: number,
): Candidate {
  const { compared, matched } = replay(candidate, requests, readings, toleranceUs);
  return { ...candidate, compared, share: compared === 0 ? 0 : matched / compared };
}
