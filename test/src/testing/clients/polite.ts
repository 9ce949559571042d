/** Waits as long as it is told, and a random part of it more, until it is let in. */
import type { Call, CallContext } from 'quotalab';
import { ask, settle, sleep } from './ask.ts';

export default async function polite(call: Call, context: CallContext): Promise<void> {
  for (;;) {
    const response = await ask(call, context);
    if (response.status !== 429) return settle(response);
    await response.text();
    const told = Number(response.headers.get('retry-after')) * 1000;
    await sleep(told + Math.random() * 1000);
  }
}
