// A worker that does not send the call tag. The true call is in the user agent, which joining does not read.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  void ask(call).then((result) => console.log(JSON.stringify({ id: call.id, ...result })));
}

async function ask({ id, model, prompt }) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${process.env.OPENAI_BASE_URL}/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${process.env.OPENAI_API_KEY}`,
        'content-type': 'application/json',
        'user-agent': `call ${id}`,
      },
      body: JSON.stringify({
        model,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: prompt },
        ],
      }),
    });
    await response.text();
    if (response.ok) return { result: 'ok' };
    if (attempt === 4) return { error: { name: 'Refused', message: `status ${response.status}` } };
    await sleep(150 * 2 ** attempt * (0.75 + Math.random() / 4));
  }
}
