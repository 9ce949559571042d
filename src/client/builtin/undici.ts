import { Agent, type Dispatcher, interceptors, RetryAgent, request } from 'undici';
import type { UndiciSettings } from '../../scenario/undici-code.ts';
import type { Call, CallContext } from '../client.ts';
import { plainRequest, streamedText } from '../plain-request.ts';

/** The runner's own HTTP client: what stands in a scenario as `client: { undici: … }`. */

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

/** Makes one request, and what undici makes of it. Rejects with `status` and `code` for an answer that is no 2xx. */
export default async function ask(call: Call, { env, signal }: CallContext): Promise<unknown> {
  const { url, headers, body } = plainRequest(dialect, env, call);
  const sent = request(url, { dispatcher, method: 'POST', headers, body, signal });
  const { statusCode, body: answer } = await sent.catch(withStatus);
  const text = await answer.text();
  if (statusCode < 200 || statusCode > 299) throw refusal(statusCode, text);
  return call.stream ? streamedText(dialect, text) : JSON.parse(text);
}

/** undici's own error after the last retry has the answer's status under a name that nobody else gives it. */
function withStatus(error: Error & { readonly statusCode?: number }): never {
  throw error.statusCode === undefined ? error : Object.assign(error, { status: error.statusCode });
}

function refusal(status: number, text: string): Error {
  return Object.assign(new Error(`HTTP ${status}: ${text.slice(0, 200)}`), { name: 'HttpError', status });
}
