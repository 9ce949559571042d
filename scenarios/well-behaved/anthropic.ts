import Anthropic from '@anthropic-ai/sdk';
import type { ClientCall } from 'quotalab';
import { patiently } from './patience.ts';

const anthropic = new Anthropic({ maxRetries: 0 });

export default ({ model, prompt, maxTokens = 256, stream }: ClientCall): Promise<string> =>
  patiently(prompt.length / 4 + maxTokens, async (signal) => {
    const request = { model, max_tokens: maxTokens, messages: [{ role: 'user' as const, content: prompt }] };
    if (!stream) {
      const { content } = await anthropic.messages.create(request, { signal });
      return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    }
    let [text, ended] = ['', false];
    for await (const event of await anthropic.messages.create({ ...request, stream: true }, { signal })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
      ended ||= event.type === 'message_delta';
    }
    if (!ended) throw new Error('the stream ended early');
    return text;
  });
