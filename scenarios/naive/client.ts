/** Plain fetch with a common retry loop: one second of sleep after every 429, without a limit. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';

export default async function chat({ model, prompt }: ClientCall, { env, signal }: CallContext): Promise<void> {
  for (;;) {
    const response = await fetch(`${env.OPENAI_BASE_URL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.OPENAI_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] }),
      signal,
    });
    await response.json();
    if (response.ok) return;
    if (response.status !== 429) throw new Error(`HTTP ${response.status}`);
    await sleep(1000, undefined, { signal });
  }
}
