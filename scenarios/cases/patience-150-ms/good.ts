/** Waits for Retry-After plus jitter, and gives up by time, not by a number of attempts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

const TIMEOUT_MS = 60_000;

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  const startMs = Date.now();
  for (let attempt = 0; ; attempt++) {
    const response = await ask(call, context, { max_tokens: call.maxTokens });
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || Date.now() - startMs > TIMEOUT_MS) return fail(response);
    await response.json();
    const requestedMs = Number(response.headers.get('retry-after') ?? 1) * 1000;
    await sleep(requestedMs + Math.random() * 1000 * 2 ** attempt, undefined, { signal: context.signal });
  }
}
