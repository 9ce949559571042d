import { setTimeout as sleep } from 'node:timers/promises';

/** Returns a queue that lets one caller go after the other, `spacingMs` apart, the first `burst` at once. */
export function createTurns(spacingMs: number, burst: number): () => Promise<void> {
  let nextMs = 0;
  return async () => {
    const now = performance.now();
    nextMs = Math.max(nextMs, now - (burst - 1) * spacingMs) + spacingMs;
    await sleep(Math.max(0, nextMs - spacingMs - now));
  };
}
