import type { Exchange } from '../../mock-server/exchange.ts';
import type { CallRecord } from '../journal/call-records.ts';
import type { DroppedRecord, ReplicaRecord } from '../journal/record.ts';
import { type Event, EventQueue } from './event-queue.ts';

/** The resolution of the clock in virtual time. */
export const TICK_US = 1000;

/** Receives the events of a model run. */
export interface Sink {
  /** Whether `exchange` is called; without it, only `attempt` is. */
  readonly detailed: boolean;
  /** Called when an attempt has ended. */
  attempt(): void;
  exchange(exchange: Exchange): void;
  record(record: CallRecord | DroppedRecord | ReplicaRecord): void;
}

/**
 * The event loop of a model run; times are microseconds since its start. An instant runs in phases, as in virtual time:
 * first all due events, then the `afterInstant` callbacks, repeated until none are left.
 */
export class Simulation {
  nowUs = 0;
  over = false;
  /** Counts the rounds of `afterInstant` callbacks. */
  round = 0;
  readonly #queue = new EventQueue();
  #after: (() => void)[] = [];

  at(atUs: number, event: Event): void {
    this.#queue.push(Math.max(atUs, this.nowUs), event);
  }

  afterInstant(act: () => void): void {
    this.#after.push(act);
  }

  /** Runs until `over` is set or the queue is empty. */
  run(): void {
    const queue = this.#queue;
    while (!this.over) {
      const nextUs = queue.nextUs;
      if (nextUs > this.nowUs && this.#after.length > 0) {
        const after = this.#after;
        this.#after = [];
        this.round++;
        for (const act of after) act();
      } else if (nextUs === Infinity) return;
      else {
        this.nowUs = nextUs;
        queue.pop().due(nextUs);
      }
    }
  }
}

/**
 * Collects the items of one instant and processes them together at its end. What is added by an `afterInstant` callback is of the
 * next round, as in virtual time, where a promise lies between the two.
 */
export class InstantBatch<Item> {
  #items: Item[] = [];
  #round = -1;
  readonly #simulation: Simulation;
  readonly #process: (items: Item[]) => void;

  constructor(simulation: Simulation, process: (items: Item[]) => void) {
    this.#simulation = simulation;
    this.#process = process;
  }

  add(item: Item): void {
    const { round } = this.#simulation;
    if (this.#round === round) this.#items.push(item);
    else this.#begin([item], round);
  }

  #begin(items: Item[], round: number): void {
    this.#items = items;
    this.#round = round;
    this.#simulation.afterInstant(() => this.#process(items));
  }
}
