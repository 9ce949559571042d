/** Waits as told and some more, and gives up by the clock, not by a count. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

const PATIENCE_MS = 60_000;

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  const startMs = Date.now();
  for (let attempt = 0; ; attempt++) {
    const response = await ask(call, context, { max_tokens: call.maxTokens });
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || Date.now() - startMs > PATIENCE_MS) return fail(response);
    await response.json();
    const toldMs = Number(response.headers.get('retry-after') ?? 1) * 1000;
    await sleep(toldMs + Math.random() * 1000 * 2 ** attempt, undefined, { signal: context.signal });
  }
}
