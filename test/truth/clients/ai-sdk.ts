import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import type { ClientCall } from 'quotalab';

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL!, apiKey: process.env.OPENAI_API_KEY! });

export default async function chat({ model, prompt, stream }: ClientCall): Promise<string> {
  const request = { model: openai.chat(model), prompt };
  return stream ? streamText(request).text : (await generateText(request)).text;
}
