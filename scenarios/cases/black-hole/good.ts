/** One deadline over all attempts. */
import OpenAI from 'openai';
import type { Call } from 'quotalab';

const client = new OpenAI();

export default async function chat({ model, prompt }: Call): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  await client.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] }, { signal });
}
