import type { CallContext, ClientCall } from 'quotalab';

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends one request with fetch. */
export function ask(call: ClientCall, { env, signal }: CallContext): Promise<Response> {
  return fetch(`${env.OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.OPENAI_API_KEY}` },
    body: JSON.stringify({ model: call.model, messages: [{ role: 'user', content: call.prompt }] }),
    signal,
  });
}

/** Throws for an error status, like an SDK. */
export async function settle(response: Response): Promise<void> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${JSON.parse(text).error.message}`);
}
