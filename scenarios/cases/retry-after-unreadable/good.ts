/** Falls back to its own backoff if Retry-After is invalid. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 5) return fail(response);
    await response.json();
    const requestedMs = parseWaitMs(response.headers.get('retry-after') ?? '');
    const ownMs = 10_000 * 2 ** (attempt - 1) * (0.75 + Math.random() / 4);
    const waitMs = Number.isFinite(requestedMs) && requestedMs > 0 ? Math.min(requestedMs, 60_000) : ownMs;
    await sleep(waitMs, undefined, { signal: context.signal });
  }
}

function parseWaitMs(retryAfter: string): number {
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
}
