import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import type { ClientCall } from 'quotalab';

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL!, apiKey: process.env.OPENAI_API_KEY! });

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await generateText({ model: openai.chat(model), prompt });
}
