import Anthropic from '@anthropic-ai/sdk';
import type { ClientCall } from 'quotalab';

const client = new Anthropic();

export default async function message({ prompt }: ClientCall): Promise<void> {
  await client.messages.create({
    model: 'claude-sonnet-5-5',
    max_tokens: 64,
    messages: [{ role: 'user', content: prompt }],
  });
}
