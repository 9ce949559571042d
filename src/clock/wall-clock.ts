import type { Clock } from './clock.ts';

/** `setTimeout` fires immediately for longer delays; longer sleeps are split. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Creates a clock of machine time: monotonic, based on the time of day at its start. `originUs` is the epoch time at which
 * the machine's monotonic clock was zero. Threads that share it read the same clock, so that what happens later in one than
 * in another never has an earlier time. (`performance.now` is cheaper, but its zero differs by thread and cannot be read.)
 */
export function wallClock(originUs: number = machineOriginUs()): Clock & { readonly originUs: number } {
  const nowUs = (): number => originUs + monotonicUs();
  return {
    originUs,
    nowUs,
    resolutionUs: 1,
    async sleepUntil(atUs, signal) {
      for (;;) {
        const waitMs = (atUs - nowUs()) / 1000;
        if (waitMs <= 0 || signal?.aborted) return;
        await timer(Math.min(Math.ceil(waitMs), MAX_TIMER_MS), signal);
      }
    },
  };
}

function monotonicUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
}

function machineOriginUs(): number {
  return Date.now() * 1000 - monotonicUs();
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timeout);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timeout = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake);
  });
}
