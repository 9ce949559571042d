/** One openai SDK for each business, with its own key: the load that makes a call is named after the business. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const keys = JSON.parse(process.env.QUOTALAB_KEYS ?? '{}') as Record<string, string>;
const clients = new Map(Object.entries(keys).map(([business, apiKey]) => [business, new OpenAI({ apiKey })]));

export default async function chat({ load, model, prompt }: ClientCall): Promise<void> {
  const openai = clients.get(load ?? '');
  if (!openai) throw new Error(`there is no key for ${load ?? 'a load without a name'}`);
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
