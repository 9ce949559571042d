/** An event with a due time. */
export interface Event {
  due(nowUs: number): void;
}

/**
 * A priority queue by due time; events of one time keep the order in which they were added. A binary heap over parallel
 * arrays, which allocates nothing per event.
 */
export class EventQueue {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #events: Event[] = [];
  #order = 0;

  /** Due time of the next event; `Infinity` if the queue is empty. */
  get nextUs(): number {
    return this.#times.length > 0 ? this.#times[0]! : Infinity;
  }

  push(atUs: number, event: Event): void {
    const times = this.#times;
    const orders = this.#orders;
    const events = this.#events;
    const order = this.#order++;
    let at = times.length;
    times.push(atUs);
    orders.push(order);
    events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // Events of one time stay below those added earlier: their order is higher.
      if (times[parent]! <= atUs) break;
      times[at] = times[parent]!;
      orders[at] = orders[parent]!;
      events[at] = events[parent]!;
      at = parent;
    }
    times[at] = atUs;
    orders[at] = order;
    events[at] = event;
  }

  /** Removes and returns the next event; the queue must not be empty. */
  pop(): Event {
    const times = this.#times;
    const orders = this.#orders;
    const events = this.#events;
    const first = events[0]!;
    const time = times.pop()!;
    const order = orders.pop()!;
    const event = events.pop()!;
    const size = times.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && isBefore(times[right]!, orders[right]!, times[child]!, orders[child]!)) child = right;
      if (!isBefore(times[child]!, orders[child]!, time, order)) break;
      times[at] = times[child]!;
      orders[at] = orders[child]!;
      events[at] = events[child]!;
      at = child;
    }
    times[at] = time;
    orders[at] = order;
    events[at] = event;
    return first;
  }
}

function isBefore(time: number, order: number, otherTime: number, otherOrder: number): boolean {
  return time < otherTime || (time === otherTime && order < otherOrder);
}
