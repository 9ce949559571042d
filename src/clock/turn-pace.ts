/** Turns of the event loop that a client may use up at one instant: yielding in a long computation takes no virtual time. */
const FREE_TURNS = 1000;
/** Resolution of the virtual clock. */
const TICK_MS = 1;
const MAX_STEP_MS = 10_000;

/** Decides how far time moves while the client does nothing but take turns of the event loop. */
export interface TurnPace {
  /** Counts a turn. Returns how many milliseconds may pass after it: 0 if none. `clockWasRead`: by the client, in this turn. */
  next(nowMs: number, clockWasRead: boolean): number;
  /** The client has stopped taking turns. */
  reset(): void;
}

/**
 * Creates the pace of a loop such as `while (Date.now() < end) await new Promise(setImmediate)`, which would never end if
 * time stood still until it did. A loop that reads the clock moves it by one tick a turn, so that it ends on time; one
 * that waits for something else moves it by growing steps. Depends on turns alone, never on the time that they took.
 */
export function createTurnPace(): TurnPace {
  let turns = 0;
  let unreadTurns = 0;
  let stepMs = TICK_MS;
  let untilMs = 0;
  return {
    next(nowMs, clockWasRead) {
      if (++turns < FREE_TURNS) return 0;
      if (clockWasRead) {
        untilMs = nowMs + TICK_MS;
      } else if (nowMs >= untilMs && ++unreadTurns >= FREE_TURNS) {
        unreadTurns = 0;
        untilMs = nowMs + stepMs;
        stepMs = Math.min(2 * stepMs, MAX_STEP_MS);
      }
      return Math.max(0, untilMs - nowMs);
    },
    reset() {
      turns = unreadTurns = untilMs = 0;
      stepMs = TICK_MS;
    },
  };
}
