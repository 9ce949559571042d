/** Checks the error code before retrying. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask } from '../ask.ts';

const BILLING = new Set(['insufficient_quota', 'credit_balance_exhausted', 'billing_hard_limit_reached']);

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const response = await ask(call, context);
    if (response.ok) return void (await response.json());
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    if (response.status !== 429 || BILLING.has(error.code) || attempt === 4) throw new Error(error.message);
    await sleep(1000 * 2 ** attempt, undefined, { signal: context.signal });
  }
}
