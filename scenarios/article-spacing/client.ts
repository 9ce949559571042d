/** One openai SDK per business, with its own key; each load is named after its business. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';

const keys = JSON.parse(process.env.QUOTALAB_KEYS ?? '{}') as Record<string, string>;
const clients = new Map(Object.entries(keys).map(([business, apiKey]) => [business, new OpenAI({ apiKey })]));

export default async function chat({ load, model, prompt }: ClientCall): Promise<void> {
  const openai = clients.get(load ?? '');
  if (!openai) throw new Error(`no key for ${load ?? 'a load without a name'}`);
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
