/** The SDK's own retries, whatever it is pointed at: the mock speaks OpenAI here. */
import Anthropic from '@anthropic-ai/sdk';
import type { Call } from 'quotalab';

const client = new Anthropic({
  authToken: process.env.OPENAI_API_KEY!,
  apiKey: null,
  baseURL: process.env.OPENAI_BASE_URL!.replace(/\/v1$/, ''),
});

export default async function chat({ model, prompt }: Call): Promise<void> {
  await client.post('/v1/chat/completions', { body: { model, messages: [{ role: 'user', content: prompt }] } });
}
