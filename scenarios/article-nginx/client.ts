/**
 * The article's retries, rebuilt: three attempts, 2**attempt seconds after a 429, immediate retries after any other
 * error.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';

const TRIES = 3;

export default async function chat({ model, prompt }: ClientCall, { env, signal }: CallContext): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(`${env.OPENAI_BASE_URL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.OPENAI_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] }),
      signal,
    });
    await response.text();
    if (response.ok) return;
    if (attempt === TRIES - 1) throw new Error(`HTTP ${response.status}, three times`);
    if (response.status === 429) await sleep(2 ** attempt * 1000, undefined, { signal });
  }
}
