/**
 * The client after the advice of its verdicts: calls queue at the rate of the quota, a refused call waits as long as
 * Retry-After says plus jitter, and a deadline ends a call instead of a number of attempts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask } from './ask.ts';

const DEADLINE_MS = 60_000;
/** 300 per minute. */
const SPACING_MS = 200;

let nextMs = 0;

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    await myTurn();
    const response = await ask(call, context);
    if (response.ok) return;
    const waitMs = Number(response.headers.get('retry-after')) * 1000 + Math.random() * 1000;
    if (response.status !== 429 || performance.now() + waitMs > deadline) throw new Error(`HTTP ${response.status}`);
    await sleep(waitMs);
  }
}

/** Waits for the next place in the queue; each attempt takes one. */
async function myTurn(): Promise<void> {
  const now = performance.now();
  nextMs = Math.max(nextMs, now) + SPACING_MS;
  await sleep(nextMs - SPACING_MS - now);
}
