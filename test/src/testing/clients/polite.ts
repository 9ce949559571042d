/** Waits for Retry-After plus up to a random second, until it is admitted. */
import type { CallContext, ClientCall } from 'quotalab';
import { ask, settle, sleep } from './ask.ts';

export default async function polite(call: ClientCall, context: CallContext): Promise<void> {
  for (;;) {
    const response = await ask(call, context);
    if (response.status !== 429) return settle(response);
    await response.text();
    const requestedMs = Number(response.headers.get('retry-after')) * 1000;
    await sleep(requestedMs + Math.random() * 1000);
  }
}
