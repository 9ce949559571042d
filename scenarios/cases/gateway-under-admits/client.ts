/** Retries without a limit, after Retry-After plus up to one second. This case tests the gateway, not the client. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (;;) {
    const response = await ask(call, context, { max_tokens: call.maxTokens });
    if (response.ok) return void (await response.json());
    if (response.status !== 429) return fail(response);
    await response.json();
    const seconds = Number(response.headers.get('retry-after') ?? 1) + Math.random();
    await sleep(seconds * 1000, undefined, { signal: context.signal });
  }
}
