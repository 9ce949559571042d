import OpenAI from 'openai';
import type { Call } from 'quotalab';

const openai = new OpenAI();

export default async function chat({ model, prompt }: Call): Promise<void> {
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
