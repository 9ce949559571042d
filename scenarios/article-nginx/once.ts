/** Asks once and takes what comes: shows what the limit alone does to a steady stream. */
import type { Call, CallContext } from 'quotalab';

export default async function chat({ model, prompt }: Call, { env, signal }: CallContext): Promise<void> {
  const response = await fetch(`${env.OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.OPENAI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] }),
    signal,
  });
  await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}
