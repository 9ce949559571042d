/** Waits exactly as long as Retry-After says, at most ten minutes, without jitter. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

const MAX_WAIT_S = 600;

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 6) return fail(response);
    await response.json();
    const seconds = Math.min(Number(response.headers.get('retry-after') ?? 1), MAX_WAIT_S);
    await sleep(seconds * 1000, undefined, { signal: context.signal });
  }
}
