/** In machine time. */
const PERIOD_MS = 25;
/** Lateness is counted in whole milliseconds of machine time; later timers count as this late. */
const MAX_LATENESS_MS = 10_000;
const PERCENT = 99;

/** Counts how late timers were; later ones than `mostMs` count as that late. */
export interface LatenessCount {
  /** Adds the timers that were due every `periodMs` from `dueMs` on and all ran at `nowMs`. Returns when the next is due. */
  add(dueMs: number, nowMs: number): number;
  /** A percentile of the lateness, in whole milliseconds; 0 without timers. */
  percentileMs(percent: number): number;
}

/** Creates a count in constant memory, for timers that are due every `periodMs`. */
export function countLateness(periodMs: number, mostMs = MAX_LATENESS_MS): LatenessCount {
  const counts = new Uint32Array(mostMs + 1);
  let total = 0;
  return {
    add(dueMs, nowMs) {
      let nextMs = dueMs;
      // A stall delays everything that was due during it, not just one timer.
      for (; nextMs <= nowMs; nextMs += periodMs) {
        counts[Math.min(mostMs, Math.floor(nowMs - nextMs))]!++;
        total++;
      }
      return nextMs;
    },
    percentileMs(percent) {
      let left = Math.ceil((total * percent) / 100);
      for (const [ms, count] of counts.entries()) {
        left -= count;
        if (left <= 0) return ms;
      }
      return mostMs;
    },
  };
}

/**
 * Watches the timers of this process, which are as late as the machine is busy: clients and replies are about as late. Returns a
 * function that stops and returns the lateness that 99 % of the timers did not exceed, in microseconds of machine time.
 */
export function watchTimers(): () => number {
  const count = countLateness(PERIOD_MS);
  let dueMs = performance.now() + PERIOD_MS;
  const timer = setInterval(() => {
    dueMs = count.add(dueMs, performance.now());
  }, PERIOD_MS).unref();
  return () => {
    clearInterval(timer);
    count.add(dueMs, performance.now());
    return count.percentileMs(PERCENT) * 1000;
  };
}
