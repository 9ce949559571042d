/** Treats every 429 as a rate limit: six retries after 1, 2, 4, 8, 16 and 32 s. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 6) return fail(response);
    await response.json();
    await sleep(1000 * 2 ** attempt, undefined, { signal: context.signal });
  }
}
