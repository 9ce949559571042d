/** Five retries, 30 ms apart. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const response = await ask(call, context, { max_tokens: call.maxTokens });
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 5) return fail(response);
    await response.json();
    await sleep(30, undefined, { signal: context.signal });
  }
}
