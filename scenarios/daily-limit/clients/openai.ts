/** The OpenAI SDK: two retries; ignores a Retry-After above one minute. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const openai = new OpenAI();

export default async function ask({ model, prompt }: ClientCall): Promise<void> {
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
