/** The openai SDK with its defaults: it reads the provider from the environment and retries twice. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const openai = new OpenAI();

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
