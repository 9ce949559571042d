/** Bin lengths that are easy to read on an axis, in seconds. */
const LENGTHS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

export interface BinRule {
  /** Most bins that a drawing can show. */
  readonly most: number;
  /** Events that a bin should hold on average: with fewer, chance and beat make a zigzag of an even load. */
  readonly perBin: number;
}

/** Bins of equal length from 0 on; the last also holds what comes after it, so that no bin is partial. */
export interface TimeBins {
  readonly lengthS: number;
  readonly count: number;
  indexAt(us: number): number;
  /** Start of a bin, in seconds. */
  startS(index: number): number;
  /** How much of the time up to the end of the run a bin covers, in seconds. */
  spanS(index: number): number;
}

/** So few bins are wide enough, however few events they hold. */
const FEW = 12;

/** Returns bins for `events` events in a run of this length: short ones, unless they would be nearly empty or too many. */
export function timeBins(endUs: number, events: number, { most, perBin }: BinRule): TimeBins {
  const endS = Math.max(endUs / 1e6, 1e-6);
  const isGood = (lengthS: number): boolean => {
    const count = endS / lengthS;
    return count <= most && (events / count >= perBin || count <= FEW);
  };
  const lengthS = LENGTHS_S.find(isGood) ?? LENGTHS_S.at(-1)!;
  const count = Math.max(1, Math.floor(endS / lengthS + 1e-9));
  return {
    lengthS,
    count,
    indexAt: (us) => Math.min(count - 1, Math.max(0, Math.floor(us / 1e6 / lengthS))),
    startS: (index) => index * lengthS,
    spanS: (index) => (index === count - 1 ? endS - index * lengthS : lengthS),
  };
}
