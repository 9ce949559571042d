/** An argument that tells the timers of `VirtualClock.at` from the client's. */
export const NOT_CLIENT = Symbol('not the client');

export interface FakeTimer {
  readonly id: number;
  readonly callAt: number;
  readonly order: number;
  heapIndex?: number;
  readonly args?: readonly unknown[];
  readonly func: () => void;
}

/** The members of the clock of `@sinonjs/fake-timers` that are used here; its types lack some. */
export interface FakeClock {
  now: number;
  setTimeout(act: () => void, ms: number, mark?: typeof NOT_CLIENT): unknown;
  clearTimeout(timer: unknown): void;
  countTimers(): number;
  next(): number;
  readonly timerHeap?: TimerHeap;
}

interface TimerHeap {
  readonly timers: FakeTimer[];
  remove(timer: FakeTimer): boolean;
  bubbleUp(index: number): void;
  bubbleDown(index: number): void;
}

/** Returns the first timer of `VirtualClock.at` that is due by `endMs`. */
export function findNotClient({ timerHeap }: FakeClock, endMs: number): FakeTimer | undefined {
  let first: FakeTimer | undefined;
  for (const timer of timerHeap?.timers ?? []) {
    if (timer.callAt > endMs || timer.args?.[0] !== NOT_CLIENT) continue;
    if (!first || (timer.callAt - first.callAt || timer.order - first.order) < 0) first = timer;
  }
  return first;
}

/**
 * Keeps the fake clock from going back to the time of a timer that is late, after `block`, and counts how often its time is
 * read.
 */
export function makeMonotonic(fake: FakeClock): { readonly nowMs: number; readonly readCount: number } {
  const time = { nowMs: fake.now, readCount: 0 };
  Object.defineProperty(fake, 'now', {
    get() {
      time.readCount++;
      return time.nowMs;
    },
    set(ms: number) {
      if (ms > time.nowMs) time.nowMs = ms;
    },
  });
  return time;
}

/**
 * Corrects the removal of timers, which compares with the time of the removed one. `refresh` has changed it before, and other
 * timers would then fire out of order.
 */
export function repairRemoval(fake: FakeClock): void {
  // The heap is created with the first timer.
  fake.clearTimeout(fake.setTimeout(() => undefined, 0));
  const heap = Object.getPrototypeOf(fake.timerHeap) as TimerHeap;
  heap.remove = function remove(this: TimerHeap, timer) {
    const index = timer.heapIndex;
    if (index === undefined || this.timers[index] !== timer) return false;
    const last = this.timers.pop()!;
    delete timer.heapIndex;
    if (timer === last) return true;
    this.timers[index] = last;
    last.heapIndex = index;
    this.bubbleUp(index);
    this.bubbleDown(last.heapIndex);
    return true;
  };
}
