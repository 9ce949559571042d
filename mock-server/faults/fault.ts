/** A stretch of time in which the provider answers every metered request with this status, and charges none. */
export interface Fault {
  /** Microseconds after the provider began. */
  readonly fromUs: number;
  readonly untilUs: number;
  readonly status: number;
}

/** The fault that is on at this moment after the beginning, if there is one; the first listed wins. */
export function faultAt(faults: readonly Fault[], sinceUs: number): Fault | undefined {
  return faults.find(({ fromUs, untilUs }) => fromUs <= sinceUs && sinceUs < untilUs);
}
