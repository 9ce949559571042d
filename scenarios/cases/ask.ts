/** Shared by the clients of these cases: one request, without retries. */
import type { CallContext, ClientCall } from 'quotalab';

/** Sends one chat completion with fetch and returns the response, whatever its status. */
export function ask(
  call: ClientCall,
  { env, signal }: CallContext,
  body: object = {},
  deadline?: AbortSignal,
): Promise<Response> {
  return post('chat/completions', env, {
    signal: deadline ? AbortSignal.any([signal, deadline]) : signal,
    body: { model: call.model, messages: [{ role: 'user', content: call.prompt }], ...body },
  });
}

/** Posts a body to a path of the provider. */
export function post(
  path: string,
  env: CallContext['env'],
  { body, signal }: { body: object; signal: AbortSignal },
): Promise<Response> {
  return fetch(`${env.OPENAI_BASE_URL}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.OPENAI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

/** Throws the error of a response with its status, as SDKs do. */
export async function fail(response: Response): Promise<never> {
  const { error } = (await response.json()) as { error?: { message?: string; code?: string } };
  throw Object.assign(new Error(error?.message ?? `HTTP ${response.status}`), { status: response.status });
}
