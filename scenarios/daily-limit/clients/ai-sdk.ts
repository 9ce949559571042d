/** Vercel's AI SDK: two retries after 2 and 4 s; ignores a Retry-After of one minute or more. */
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import type { ClientCall } from 'quotalab';

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL! });

export default async function ask({ model, prompt }: ClientCall): Promise<void> {
  await generateText({ model: openai.chat(model), prompt });
}
