import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const openai = new OpenAI();

export default async function chat({ model, prompt, stream }: ClientCall): Promise<string> {
  const messages = [{ role: 'user' as const, content: prompt }];
  if (!stream) return (await openai.chat.completions.create({ model, messages })).choices[0]!.message.content!;
  let text = '';
  for await (const { choices } of await openai.chat.completions.create({ model, messages, stream })) {
    text += choices[0]?.delta.content ?? '';
  }
  return text;
}
