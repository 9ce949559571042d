/**
 * The same after its verdicts: calls queue at the rate of the quota instead of knocking, a refused one waits as long as it
 * is told and a random part more, and a deadline ends a call, not a count.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask } from './ask.ts';

const DEADLINE_MS = 60_000;
/** 300 a minute. */
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

/** One place in the queue for each attempt, one behind the other. */
async function myTurn(): Promise<void> {
  const now = performance.now();
  nextMs = Math.max(nextMs, now) + SPACING_MS;
  await sleep(nextMs - SPACING_MS - now);
}
