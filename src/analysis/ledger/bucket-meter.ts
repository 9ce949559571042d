import type { Limit } from '../../../mock-server/admission/limit.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { Limiter } from '../../../mock-server/limiter/limiter.ts';

/** A charge to one bucket. Times are microseconds since the start of the run. */
export interface Charge {
  readonly atUs: number;
  readonly cost: number;
  /** When its request ended: a concurrency limit is held until then, and an estimate is settled to `actual`. */
  readonly endUs: number;
  /** What it finally took; absent if the estimate stays. */
  readonly actual?: number;
}

/** An open charge that is settled at its end. */
interface Hold extends Charge {
  readonly id: number;
}

/**
 * One bucket of a limit on the clock of a run, as the provider would keep it. Its functions must be called in order of time.
 * Requests that end at an instant are settled before others are checked then.
 */
export class BucketMeter {
  readonly #limiter: Limiter;
  readonly #originUs: number;
  readonly #isConcurrency: boolean;
  #state: unknown;
  /** Open charges, the first to end last. */
  readonly #holds: Hold[] = [];
  #lastId = 0;

  /** `originUs`: the start of the run on the clock of the provider. */
  constructor({ spec, unit }: Pick<Limit, 'spec' | 'unit'>, originUs: number) {
    this.#limiter = createLimiter(spec);
    this.#originUs = originUs;
    this.#isConcurrency = unit === 'concurrent';
  }

  /** When the next open charge ends; Infinity if none is open. */
  get nextEndUs(): number {
    return this.#holds.at(-1)?.endUs ?? Infinity;
  }

  /** Settles every charge whose request ended at or before `atUs`. */
  advance(atUs: number): void {
    while (this.nextEndUs <= atUs) {
      const { id, atUs: chargedUs, endUs, cost, actual = 0 } = this.#holds.pop()!;
      const nowUs = this.#originUs + endUs;
      const settlement = { id, chargedAtUs: this.#originUs + chargedUs, charged: cost, actual };
      this.#state = this.#limiter.settle(this.#stateAt(endUs), nowUs, settlement);
    }
  }

  /** Creates the bucket, if this is the first request that it sees: its initial level counts from then. */
  touch(atUs: number): void {
    this.#state ??= this.#limiter.initial(this.#originUs + atUs);
  }

  /** Returns how long after `atUs` a request of this cost, alone, would be admitted: 0 for at once, Infinity for never. */
  waitUs(atUs: number, cost: number): number {
    return this.#limiter.check(this.#stateAt(atUs), this.#originUs + atUs, cost).retryAfterUs;
  }

  /** Returns the whole units left at `atUs`. */
  level(atUs: number): number {
    return this.#limiter.check(this.#stateAt(atUs), this.#originUs + atUs, 0).remaining;
  }

  charge(charge: Charge): void {
    const { atUs, cost, endUs, actual } = charge;
    this.touch(atUs);
    const nowUs = this.#originUs + atUs;
    if (!this.#isConcurrency && actual === undefined) {
      this.#state = this.#limiter.charge(this.#state, nowUs, cost);
      return;
    }
    const id = ++this.#lastId;
    this.#state = this.#limiter.charge(this.#state, nowUs, cost, { id, endsUs: this.#originUs + endUs });
    let place = this.#holds.length;
    while (place > 0 && this.#holds[place - 1]!.endUs < endUs) place--;
    this.#holds.splice(place, 0, { ...charge, id });
  }

  #stateAt(atUs: number): unknown {
    return this.#state ?? this.#limiter.initial(this.#originUs + atUs);
  }
}
