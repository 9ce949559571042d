/** The SDK with a timeout of 30 s, which applies to each attempt, not to the call. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const client = new OpenAI({ timeout: Number(process.env.TIMEOUT_MS ?? 30_000) });

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await client.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
