/** Retries after 2 and 4 seconds, whatever Retry-After says, as many SDKs did. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 3) return fail(response);
    await response.json();
    await sleep(1000 * 2 ** attempt, undefined, { signal: context.signal });
  }
}
