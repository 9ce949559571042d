import type { Exchange } from '../../mock-server/exchange.ts';
import type { CallRecord, DroppedRecord } from '../journal/record.ts';
import { type Event, EventQueue } from './event-queue.ts';

/** Who is told what happened. */
export interface Sink {
  /** Whether exchanges are wanted; without, only `attempt` is told. */
  readonly detailed: boolean;
  /** An attempt has ended. */
  attempt(): void;
  exchange(exchange: Exchange): void;
  record(record: CallRecord | DroppedRecord): void;
}

/**
 * Time in a model run, in microseconds since its start. What happens at one instant happens in phases, as in virtual
 * time: first everything that is due, then what `afterInstant` was given, and so on until nothing is left of it.
 */
export class World {
  nowUs = 0;
  over = false;
  readonly #queue = new EventQueue();
  #after: (() => void)[] = [];

  at(atUs: number, event: Event): void {
    this.#queue.push(Math.max(atUs, this.nowUs), event);
  }

  afterInstant(act: () => void): void {
    this.#after.push(act);
  }

  /** Runs until `over` is set, or nothing is due any more. */
  run(): void {
    const queue = this.#queue;
    while (!this.over) {
      const nextUs = queue.nextUs;
      if (nextUs > this.nowUs && this.#after.length > 0) {
        const after = this.#after;
        this.#after = [];
        for (const act of after) act();
      } else if (nextUs === Infinity) return;
      else {
        this.nowUs = nextUs;
        queue.pop().due(nextUs);
      }
    }
  }
}

/** Things of one instant that are dealt with together, in an order of their own. */
export class Together<Item> {
  #items: Item[] = [];
  readonly #world: World;
  readonly #dealAll: () => void;

  constructor(world: World, deal: (items: Item[]) => void) {
    this.#world = world;
    this.#dealAll = () => {
      const items = this.#items;
      this.#items = [];
      deal(items);
    };
  }

  add(item: Item): void {
    if (this.#items.push(item) === 1) this.#world.afterInstant(this.#dealAll);
  }
}
