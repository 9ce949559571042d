/** One deadline over all attempts. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const client = new OpenAI();

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  await client.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] }, { signal });
}
