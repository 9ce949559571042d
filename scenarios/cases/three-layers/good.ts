/** The same, behind one pacer shared by all threads of all workers: five at once, then one every half second. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import embedAtOnce from './bad.ts';

const BURST = 5;
const INTERVAL_MS = 501;
/** Earliest start of the next request. */
let nextMs = 0;

export default async function embed(call: ClientCall, context: CallContext): Promise<number[]> {
  const nowMs = Date.now();
  const dueMs = Math.max(nowMs - (BURST - 1) * INTERVAL_MS, nextMs);
  nextMs = dueMs + INTERVAL_MS;
  await sleep(Math.max(0, dueMs - nowMs), undefined, { signal: context.signal });
  return embedAtOnce(call, context);
}
