/** Tells whoever waits when the limit opens, instead of knocking at it. */
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function job(call: ClientCall, context: CallContext): Promise<void> {
  const response = await ask(call, context);
  if (response.ok) return void (await response.json());
  return fail(response);
}
