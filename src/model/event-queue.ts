/** Something that is due at a moment. */
export interface Event {
  due(nowUs: number): void;
}

/**
 * What is due, soonest first, and what was put in first where two are due at once. A binary heap over parallel arrays:
 * nothing is allocated for an event, and what need not be is not compared.
 */
export class EventQueue {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #events: Event[] = [];
  #order = 0;

  /** When the next event is due; `Infinity` when there is none. */
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
      // A later event never goes above an earlier one of the same time: its order is higher.
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

  /** Takes the next event out; there must be one. */
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
