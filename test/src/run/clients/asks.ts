import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientFunction } from '../../../../src/client/client.ts';

/** What `asks.py` does, for virtual time. */
const ask: ClientFunction = async ({ model, prompt }, { env }) => {
  const headers = { authorization: `Bearer ${env.OPENAI_API_KEY}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] });
  for (let attempt = 0; attempt < 4; attempt++) {
    const answer = await fetch(`${env.OPENAI_BASE_URL}/chat/completions`, { method: 'POST', headers, body });
    const said = (await answer.json()) as { choices: [{ message: { content: string } }] };
    if (answer.status === 200) return said.choices[0].message.content;
    if (attempt < 3) await sleep(1000 * 2 ** attempt);
  }
  throw new Error('gave up');
};

export default ask;
