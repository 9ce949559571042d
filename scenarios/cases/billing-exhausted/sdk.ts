/** The SDK with its defaults: two retries, whatever the error code of the 429. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const client = new OpenAI();

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await client.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
