import type { Clock } from './clock.ts';

/** `setTimeout` fires immediately for longer delays; longer sleeps are split. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Creates a clock of machine time: monotonic, based on the time of day at its start. `originUs` is the epoch time at which
 * the process's monotonic clock was zero; threads that share it agree to the microsecond.
 */
export function wallClock(originUs: number = processOriginUs()): Clock & { readonly originUs: number } {
  // `performance.now` is the same monotonic clock with a per-thread origin, and much cheaper.
  const zeroUs = originUs + monotonicUs() - Math.floor(performance.now() * 1000);
  const nowUs = (): number => zeroUs + Math.floor(performance.now() * 1000);
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
  return Number(process.hrtime.bigint() / 1000n);
}

function processOriginUs(): number {
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
