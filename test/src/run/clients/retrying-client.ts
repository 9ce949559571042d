import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientFunction } from '../../../../src/client/client.ts';

/** `retrying_worker.py` as a module, for virtual time. */
const callWithRetries: ClientFunction = async ({ model, prompt }, { env }) => {
  const headers = { authorization: `Bearer ${env.OPENAI_API_KEY}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] });
  for (let attempt = 0; attempt < 4; attempt++) {
    const response = await fetch(`${env.OPENAI_BASE_URL}/chat/completions`, { method: 'POST', headers, body });
    const reply = (await response.json()) as { choices: [{ message: { content: string } }] };
    if (response.status === 200) return reply.choices[0].message.content;
    if (attempt < 3) await sleep(1000 * 2 ** attempt);
  }
  throw new Error('gave up');
};

export default callWithRetries;
