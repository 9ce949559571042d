import { ChatOpenAI } from '@langchain/openai';
import type { ClientCall } from 'quotalab';

const chatModel = new ChatOpenAI({ model: 'gpt-4o-mini', configuration: { baseURL: process.env.OPENAI_BASE_URL! } });

export default async function chat({ prompt, stream }: ClientCall): Promise<string> {
  if (!stream) return (await chatModel.invoke(prompt)).text;
  let text = '';
  for await (const piece of await chatModel.stream(prompt)) text += piece.text;
  return text;
}
