/** A harness that restarts every job that ends without a result. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask } from '../ask.ts';

const TURN_MS = 930;

export default async function job(call: ClientCall, context: CallContext): Promise<void> {
  for (;;) {
    const turn = sleep(TURN_MS, undefined, { signal: context.signal });
    const response = await ask(call, context);
    await response.text();
    if (response.ok) return;
    await turn;
  }
}
