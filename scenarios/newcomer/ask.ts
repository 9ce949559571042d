/** Sends one request, without retries. */
import type { CallContext, ClientCall } from 'quotalab';

export async function ask({ model, prompt }: ClientCall, { env, signal }: CallContext): Promise<Response> {
  const response = await fetch(`${env.OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.OPENAI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] }),
    signal,
  });
  await response.text();
  return response;
}
