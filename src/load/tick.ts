/** Rounds a time up to the resolution of a clock, so that a due time between two ticks is not counted as a delay. */
export function ceilToTick(us: number, resolutionUs: number): number {
  return Math.ceil(us / resolutionUs) * resolutionUs;
}
