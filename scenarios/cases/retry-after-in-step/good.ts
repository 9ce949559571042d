/** Waits as it is told, and up to a fifth more: twenty workers come back within a minute instead of an instant. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 6) return fail(response);
    await response.json();
    const seconds = Number(response.headers.get('retry-after') ?? 1);
    await sleep(seconds * 1000 * (1 + Math.random() / 5), undefined, { signal: context.signal });
  }
}
