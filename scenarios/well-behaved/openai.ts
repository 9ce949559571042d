import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';
import { patiently } from './patience.ts';

const openai = new OpenAI({ maxRetries: 0 });

export default ({ model, prompt, maxTokens, stream }: ClientCall): Promise<string> =>
  patiently(prompt.length / 4 + (maxTokens ?? 0), async (signal) => {
    const request = { model, max_tokens: maxTokens ?? null, messages: [{ role: 'user' as const, content: prompt }] };
    if (!stream) {
      const answer = await openai.chat.completions.create(request, { signal });
      return answer.choices[0]!.message.content!;
    }
    let [text, ended] = ['', false];
    for await (const { choices } of await openai.chat.completions.create({ ...request, stream: true }, { signal })) {
      text += choices[0]?.delta.content ?? '';
      ended ||= choices[0]?.finish_reason != null;
    }
    if (!ended) throw new Error('the stream ended early');
    return text;
  });
