/** A moment as a clock of this resolution can tell it, so that what is between two ticks counts as neither late nor early. */
export function onTick(us: number, resolutionUs: number): number {
  return Math.ceil(us / resolutionUs) * resolutionUs;
}
