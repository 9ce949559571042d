/** The openai SDK behind one queue for all calls, at the rate of the quota. */
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const BURST = 5;
/** Slightly more than the quota's 200 ms, because timers and the network are not exact. */
const SPACING_MS = 205;

const openai = new OpenAI();
let nextMs = 0;

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await myTurn();
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}

/** Waits for the next place in the queue: up to a burst at once, then one after the other. */
async function myTurn(): Promise<void> {
  const now = performance.now();
  nextMs = Math.max(nextMs, now - (BURST - 1) * SPACING_MS) + SPACING_MS;
  await sleep(Math.max(0, nextMs - SPACING_MS - now));
}
