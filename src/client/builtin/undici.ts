import { Agent, type Dispatcher, interceptors, RetryAgent, request } from 'undici';
import type { UndiciSettings } from '../../scenario/undici-code.ts';
import type { CallContext, ClientCall } from '../client.ts';
import { plainRequest, streamedText } from '../plain-request.ts';

/** The built-in client of `client: { undici: … }`. */

const { dialect, retries, ...options } = JSON.parse(process.env.QUOTALAB_UNDICI!) as UndiciSettings;
const dispatcher = dispatcherFor(retries);

function dispatcherFor(form: UndiciSettings['retries']): Dispatcher {
  const agent = new Agent();
  switch (form) {
    case 'none':
      return agent;
    case 'interceptor':
      return agent.compose(interceptors.retry(options));
    case 'agent':
      return new RetryAgent(agent, options);
  }
}

/** Makes a request with undici's retries. Rejects with `status` and `code` for a reply without a 2xx status. */
export default async function sendPrompt(call: ClientCall, { env, signal }: CallContext): Promise<unknown> {
  const { url, headers, body } = plainRequest(dialect, env, call);
  const sent = request(url, { dispatcher, method: 'POST', headers, body, signal });
  const { statusCode, body: reply } = await sent.catch(withStatus);
  const text = await reply.text();
  if (statusCode < 200 || statusCode > 299) throw httpError(statusCode, text);
  return call.stream ? streamedText(dialect, text) : JSON.parse(text);
}

/** undici's error after the last retry carries the status as `statusCode`; copies it to `status`. */
function withStatus(error: Error & { readonly statusCode?: number }): never {
  throw error.statusCode === undefined ? error : Object.assign(error, { status: error.statusCode });
}

function httpError(status: number, text: string): Error {
  return Object.assign(new Error(`HTTP ${status}: ${text.slice(0, 200)}`), { name: 'HttpError', status });
}
