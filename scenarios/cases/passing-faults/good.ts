/** The same, with 529 and 408 in the list. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

const RETRYABLE = new Set([408, 429, 500, 502, 503, 504, 529]);

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  const named = { ...call, prompt: `${call.load}: ${call.prompt}` };
  for (let attempt = 0; ; attempt++) {
    const response = await ask(named, context);
    if (response.ok) return void (await response.json());
    if (!RETRYABLE.has(response.status) || attempt === 3) return fail(response);
    await response.text();
    await sleep(500 * 2 ** attempt * (0.5 + Math.random() / 2), undefined, { signal: context.signal });
  }
}
