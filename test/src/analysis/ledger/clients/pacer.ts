/** One queue for all calls, paced at one a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.ts';

let nextMs = 0;

export default async function paced(): Promise<string> {
  const now = performance.now();
  const atMs = Math.max(nextMs, now);
  nextMs = atMs + 1000;
  await sleep(atMs - now);
  return ask();
}
