/** How regular or bursty the moments of a series are. */
export interface Burstiness {
  /** Gaps that were looked at. */
  readonly gaps: number;
  /** (σ − μ)/(σ + μ): −1 regular, 0 Poisson, towards 1 bursty (Goh & Barabási, EPL 81, 48002, 2008). */
  readonly b: number;
  /** The same, corrected for short series (Kim & Jo, Phys. Rev. E 94, 032311, 2016). */
  readonly a: number;
  /** Correlation of successive gaps, −1 to 1. */
  readonly memory: number;
}

/** Fewer gaps tell nothing (`limits.md` section 4). */
export const LEAST_GAPS = 20;

/** Burstiness of moments in ascending order, in any unit; undefined below 20 gaps, or if all came at one instant. */
export function burstinessOf(moments: readonly number[]): Burstiness | undefined {
  const gaps = moments.slice(1).map((moment, index) => moment - moments[index]!);
  if (gaps.length < LEAST_GAPS) return undefined;
  const { mean, deviation } = spread(gaps);
  if (mean === 0) return undefined;
  const ratio = deviation / mean;
  const more = Math.sqrt(gaps.length + 1);
  const less = Math.sqrt(gaps.length - 1);
  return {
    gaps: gaps.length,
    b: (ratio - 1) / (ratio + 1),
    a: (more * ratio - less) / ((more - 2) * ratio + less),
    memory: correlation(gaps.slice(0, -1), gaps.slice(1)),
  };
}

function spread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function correlation(first: readonly number[], second: readonly number[]): number {
  const one = spread(first);
  const two = spread(second);
  // Gaps that are all the same vary with nothing; rounding must not make them.
  if (one.deviation <= one.mean * 1e-9 || two.deviation <= two.mean * 1e-9) return 0;
  const products = first.reduce((sum, value, index) => sum + (value - one.mean) * (second[index]! - two.mean), 0);
  return products / first.length / (one.deviation * two.deviation);
}
