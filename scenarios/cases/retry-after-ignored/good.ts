/** The same, but a numeric Retry-After takes precedence. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 5) return fail(response);
    await response.json();
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const waitMs = seconds > 0 ? seconds * 1000 : 1000 * 2 ** attempt;
    await sleep(waitMs, undefined, { signal: context.signal });
  }
}
