/** The same, but Retry-After comes first where it is a number. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 5) return fail(response);
    await response.json();
    const told = Number(response.headers.get('retry-after') ?? Number.NaN);
    const waitMs = told > 0 ? told * 1000 : 1000 * 2 ** attempt;
    await sleep(waitMs, undefined, { signal: context.signal });
  }
}
