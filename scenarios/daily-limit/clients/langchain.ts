/** LangChain: six retries, but none if the requested wait exceeds one minute. */
import { ChatOpenAI } from '@langchain/openai';
import type { ClientCall } from 'quotalab';

const chat = new ChatOpenAI({ model: 'gpt-4o-mini', configuration: { baseURL: process.env.OPENAI_BASE_URL! } });

export default async function ask({ prompt }: ClientCall): Promise<void> {
  await chat.invoke(prompt);
}
