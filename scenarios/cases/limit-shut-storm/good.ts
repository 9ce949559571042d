/** Reports the refusal to the caller instead of retrying. */
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

export default async function job(call: ClientCall, context: CallContext): Promise<void> {
  const response = await ask(call, context);
  if (response.ok) return void (await response.json());
  return fail(response);
}
