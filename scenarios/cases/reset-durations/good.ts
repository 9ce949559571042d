/** Reads the whole duration: hours, minutes, seconds and milliseconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export default async function chat(call: ClientCall, context: CallContext): Promise<void> {
  const named = { ...call, model: call.load ?? call.model };
  for (let attempt = 1; ; attempt++) {
    const response = await ask(named, context);
    if (response.ok) return void (await response.json());
    if (response.status !== 429 || attempt === 5) return fail(response);
    await response.json();
    const waitMs = durationMs(response.headers.get('x-ratelimit-reset-requests') ?? '1s');
    await sleep(waitMs, undefined, { signal: context.signal });
  }
}

/** `6m0s`, `8.64s`, `120ms`. */
function durationMs(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * UNIT_MS[unit!]!,
    0,
  );
}
