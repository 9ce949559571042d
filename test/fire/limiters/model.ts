/**
 * What a limiter means, written down afresh: how much is left at any instant, from the log of all charges, in whole numbers
 * without bound. Waits and resets are not computed: they are the first instant at which something holds (`compare.ts`).
 */
export interface Model {
  readonly capacity: bigint;
  /** Parts of a unit that `left` counts in, so that nothing is rounded. */
  readonly partsPerUnit: bigint;
  /** The instant that counts for a request at `atUs`: most clocks do not go back. */
  clamp(atUs: bigint): bigint;
  /** Parts that could be charged at `atUs` if nothing was charged since `nowUs`; below 0 in debt. */
  left(atUs: bigint, nowUs: bigint): bigint;
  /** Whether a cost at `atUs` passes at all, sooner or later; by the capacity if omitted. */
  everPasses?(atUs: bigint, cost: bigint): boolean;
  /** Whether at `atUs` everything is over that was charged, or the window of `nowUs`. */
  isOver(atUs: bigint, nowUs: bigint): boolean;
  /** Charges what was admitted, or refused. `endsUs`: when it is expected to end (concurrency). */
  charge(atUs: bigint, cost: bigint, endsUs?: bigint): void;
  /** How long the request that is charged next is held back. */
  delayUs?(atUs: bigint, cost: bigint): bigint;
  /** The wait of a refusal whose end nobody knows. */
  readonly unknownWaitUs?: bigint;
  /** Ends the oldest request (concurrency). */
  release?(): void;
}

export interface Charge {
  readonly atUs: bigint;
  readonly cost: bigint;
}

/** A log of charges, and the clock that goes with it. */
export class Log {
  readonly charges: Charge[] = [];
  latestUs: bigint;

  constructor(startUs: bigint) {
    this.latestUs = startUs;
  }

  clamp(atUs: bigint): bigint {
    return atUs > this.latestUs ? atUs : this.latestUs;
  }

  add(atUs: bigint, cost: bigint): void {
    this.latestUs = this.clamp(atUs);
    this.charges.push({ atUs: this.latestUs, cost });
  }

  sum(where: (charge: Charge) => boolean): bigint {
    let total = 0n;
    for (const charge of this.charges) if (where(charge)) total += charge.cost;
    return total;
  }
}

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Rounds down, below zero too. */
export function floorDiv(a: bigint, b: bigint): bigint {
  return a % b < 0n ? a / b - 1n : a / b;
}
