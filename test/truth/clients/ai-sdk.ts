import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import type { Call } from 'quotalab';

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL!, apiKey: process.env.OPENAI_API_KEY! });

export default async function chat({ model, prompt }: Call): Promise<void> {
  await generateText({ model: openai.chat(model), prompt });
}
