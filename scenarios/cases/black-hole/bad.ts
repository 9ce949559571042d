/** The SDK with a timeout of 30 s: for each attempt, which it does not say. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const client = new OpenAI({ timeout: Number(process.env.TIMEOUT_MS ?? 30_000) });

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await client.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
