/** Waits for Retry-After plus up to 20 %: twenty workers return spread over a minute instead of at once. */
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
