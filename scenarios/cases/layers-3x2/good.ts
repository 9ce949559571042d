/** The same retry, with the SDK's retries disabled. */
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { CallContext, ClientCall } from 'quotalab';

const client = new OpenAI({ maxRetries: 0 });

export default async function chat({ model, prompt }: ClientCall, { signal }: CallContext): Promise<void> {
  const send = () => client.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
  try {
    await send();
  } catch {
    await sleep(1000, undefined, { signal });
    await send();
  }
}
