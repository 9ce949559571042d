/** Reads Retry-After as seconds or as a date, without handling an invalid date. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 5) return fail(response);
    await response.json();
    let waitMs = parseWaitMs(response.headers.get('retry-after') ?? '1');
    // NaN passes both bounds, and a timer of NaN fires at once.
    if (waitMs < 0) waitMs = 1000;
    if (waitMs > 60_000) waitMs = 60_000;
    await sleep(waitMs, undefined, { signal: context.signal });
  }
}

function parseWaitMs(retryAfter: string): number {
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
}
