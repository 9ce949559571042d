/** Retries ten times with a fixed sleep of one second and ignores Retry-After. */
import type { CallContext, ClientCall } from 'quotalab';
import { ask, settle, sleep } from './ask.ts';

export default async function newcomer(call: ClientCall, context: CallContext): Promise<void> {
  const maxAttempts = Number(context.env.MAX_ATTEMPTS ?? 11);
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.status !== 429 || attempt >= maxAttempts) return settle(response);
    await response.text();
    await sleep(1000);
  }
}
