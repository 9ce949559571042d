/** The OpenAI SDK: two retries, and a Retry-After above a minute is put aside. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const openai = new OpenAI();

export default async function ask({ model, prompt }: ClientCall): Promise<void> {
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
