/** A common first attempt: ten retries, with one second of sleep before each. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask } from './ask.ts';

const maxRetries = 10;

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let retry = 0; ; retry++) {
    const response = await ask(call, context);
    if (response.ok) return;
    if (response.status !== 429 || retry === maxRetries) throw new Error(`HTTP ${response.status}`);
    await sleep(1000);
  }
}
