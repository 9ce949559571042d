import Anthropic from '@anthropic-ai/sdk';
import type { ClientCall } from 'quotalab';

const client = new Anthropic();

export default async function message({ prompt, stream }: ClientCall): Promise<string> {
  const request = {
    model: 'claude-sonnet-5-5',
    max_tokens: 64,
    messages: [{ role: 'user' as const, content: prompt }],
  };
  const answer = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
  return answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
