/** Reads the leading integer of the reset header as seconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  const named = { ...call, model: call.load ?? call.model };
  for (let attempt = 1; ; attempt++) {
    const response = await ask(named, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 100) return fail(response);
    await response.json();
    const seconds = Number.parseInt(response.headers.get('x-ratelimit-reset-requests') ?? '1', 10);
    await sleep(seconds * 1000, undefined, { signal: context.signal });
  }
}
