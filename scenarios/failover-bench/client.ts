/** The openai SDK with a timeout of 30 s. The load is named after the model that it asks. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const openai = new OpenAI({ timeout: 30_000 });

export default async function chat({ load, model, prompt }: ClientCall): Promise<string> {
  const stream = await openai.chat.completions.create({
    model: load ?? model,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    stream_options: { include_usage: true },
  });
  let answer = '';
  for await (const chunk of stream) answer += chunk.choices[0]?.delta.content ?? '';
  return answer;
}
