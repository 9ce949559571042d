/** How regular or bursty a series of times is. */
export interface Burstiness {
  /** Number of gaps. */
  readonly gaps: number;
  /** (σ − μ)/(σ + μ): −1 regular, 0 Poisson, towards 1 bursty (Goh & Barabási, EPL 81, 48002, 2008). */
  readonly b: number;
  /** The same, corrected for short series (Kim & Jo, Phys. Rev. E 94, 032311, 2016). */
  readonly a: number;
  /** Correlation of successive gaps, −1 to 1. */
  readonly memory: number;
}

/** Fewer gaps are not significant (`limits.md` section 4). */
export const MIN_GAPS = 20;

/** Computes the burstiness of ascending times, in any unit; undefined below 20 gaps, or if all times are equal. */
export function computeBurstiness(times: readonly number[]): Burstiness | undefined {
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  if (gaps.length < MIN_GAPS) return undefined;
  const { mean, deviation } = spread(gaps);
  if (mean === 0) return undefined;
  const ratio = deviation / mean;
  const rootPlus = Math.sqrt(gaps.length + 1);
  const rootMinus = Math.sqrt(gaps.length - 1);
  return {
    gaps: gaps.length,
    b: (ratio - 1) / (ratio + 1),
    a: (rootPlus * ratio - rootMinus) / ((rootPlus - 2) * ratio + rootMinus),
    memory: correlation(gaps.slice(0, -1), gaps.slice(1)),
  };
}

function spread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function correlation(first: readonly number[], second: readonly number[]): number {
  const firstSpread = spread(first);
  const secondSpread = spread(second);
  // Constant gaps have no correlation; the tolerance covers rounding errors.
  if (firstSpread.deviation <= firstSpread.mean * 1e-9 || secondSpread.deviation <= secondSpread.mean * 1e-9) return 0;
  const products = first.reduce(
    (sum, value, index) => sum + (value - firstSpread.mean) * (second[index]! - secondSpread.mean),
    0,
  );
  return products / first.length / (firstSpread.deviation * secondSpread.deviation);
}
