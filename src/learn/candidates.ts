import { fillFromReadings, fillFromRows, fillFromWaits } from './fit-bucket.ts';
import { fitWindows } from './fit-window.ts';
import { common, type Range } from './range.ts';
import type { Reading } from './reading.ts';
import { type Guess, replay } from './replay.ts';
import { roundRefill } from './round-figure.ts';
import type { Series } from './series.ts';
import { byBucket, type Split, splitsOf } from './traffic.ts';

/** A guess that suits the resets, and how much of the recording it foretells. */
export interface Candidate extends Guess {
  /** Of 1: of request limits units left and resets, of windows of tokens resets alone. */
  readonly share: number;
  readonly compared: number;
  readonly fits: 'only' | 'usual' | 'some';
}

/** How far clocks and networks may put a moment off, tried one after the other. */
const TOLERANCES_US = [2_000, 50_000, 300_000];
/** From here on a guess foretells the recording. */
export const GOOD = 0.98;

/** The guesses that suit a series, best first; those of the least tolerance at which one foretells it. */
export function candidatesOf(whole: Series): Candidate[] {
  const series = beginningOf(whole);
  let best: Candidate[] = [];
  for (const toleranceUs of TOLERANCES_US) {
    const found = [...buckets(series, toleranceUs), ...windows(series, toleranceUs)].sort(better);
    if ((found[0]?.share ?? 0) > (best[0]?.share ?? -1)) best = found;
    if (best[0] && best[0].share >= GOOD) break;
  }
  return best;
}

/** As many answers tell as much as all of them. */
const MOST = 20_000;

function beginningOf(series: Series): Series {
  const { readings, draws } = series;
  if (readings.length <= MOST) return series;
  const last = readings[MOST - 1]!.index;
  return { ...series, readings: readings.slice(0, MOST), draws: draws.filter(({ index }) => index <= last) };
}

const FITS = ['only', 'usual', 'some'];

function better(a: Candidate, b: Candidate): number {
  if (Math.abs(a.share - b.share) > 1e-9) return b.share - a.share;
  const simpler = Number(a.chargesRefused) - Number(b.chargesRefused) || a.split.length - b.split.length;
  return simpler || FITS.indexOf(a.fits) - FITS.indexOf(b.fits);
}

function buckets(series: Series, toleranceUs: number): Candidate[] {
  const { unit, limit, readings, refusals, draws } = series;
  if (readings.length === 0) return [];
  const alone = fillFromReadings(limit, readings, toleranceUs);
  if (!alone) return [];
  const waits = fillFromWaits(limit, refusals);
  const single = (waits && common([alone, waits])) ?? alone;
  const compared = readings.filter(({ resetUs }) => resetUs).length;
  if (unit !== 'requests') return bucket(series, single, [], false, { share: 1, compared });
  const seen = indexed(readings);
  return guesses(series).flatMap(({ split, chargesRefused }) => {
    const row = fillFromRows(limit, { draws, readings: seen }, { split, chargesRefused }, toleranceUs);
    const fill = row ? common([single, row]) : single;
    if (!fill) return [];
    return bucket(series, fill, split, chargesRefused).map((candidate) =>
      foretell(candidate, series, seen, toleranceUs),
    );
  });
}

function guesses({ draws }: Series): Pick<Guess, 'split' | 'chargesRefused'>[] {
  const refused = draws.some(({ admitted }) => !admitted);
  return splitsOf(draws).flatMap((split) =>
    (refused ? [false, true] : [false]).map((chargesRefused) => ({ split, chargesRefused })),
  );
}

function bucket(
  { limit }: Series,
  fillUs: Range,
  split: Split,
  chargesRefused: boolean,
  judged = { share: 0, compared: 0 },
): Candidate[] {
  if (fillUs.low <= 0 || fillUs.high === Infinity) return [];
  const { value: refill, fits } = roundRefill(limit, fillUs);
  return [{ spec: { algorithm: 'token-bucket', capacity: limit, refill }, split, chargesRefused, fits, ...judged }];
}

function windows(series: Series, toleranceUs: number): Candidate[] {
  const { limit, readings, draws } = series;
  const seen = indexed(readings);
  const fits = new Map(
    splitsOf(draws).map((split) => [String(split), fitWindows(limit, byBucket(readings, split), toleranceUs)]),
  );
  return guesses(series).flatMap(({ split, chargesRefused }) =>
    fits
      .get(String(split))!
      .map((fit) => foretell({ ...fit, split, chargesRefused, share: 0, compared: 0 }, series, seen, toleranceUs)),
  );
}

function indexed(readings: readonly Reading[]): ReadonlyMap<number, Reading> {
  return new Map(readings.map((reading) => [reading.index, reading]));
}

function foretell(
  candidate: Candidate,
  { draws }: Series,
  readings: ReadonlyMap<number, Reading>,
  toleranceUs: number,
): Candidate {
  const { compared, matched } = replay(candidate, draws, readings, toleranceUs);
  return { ...candidate, compared, share: compared === 0 ? 0 : matched / compared };
}
