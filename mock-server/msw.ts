import { type HttpHandler, HttpResponse, http } from 'msw';
import { DIALECTS } from './dialects/dialects.ts';
import type { Exchange } from './exchange.ts';
import { createInProcess, type Scheduler } from './in-process.ts';
import { createPendingResponse } from './intercept-fetch.ts';
import type { Provider } from './provider.ts';

export type { Exchange } from './exchange.ts';

export interface HandlerOptions {
  /** Base URL of the provider, up to where its paths begin; default: the address of the real provider. */
  readonly origin?: string;
  /** Integer microseconds since the Unix epoch; default: `Date.now()`, which fake timers advance. */
  readonly nowUs?: () => number;
  readonly onExchange?: (exchange: Exchange) => void;
}

/**
 * Creates msw handlers that answer requests with a provider: `setupServer(...handlers(provider))`. Limits apply as usual;
 * latencies and streams run on the current timers, including fake timers.
 */
export function handlers(provider: Provider, options: HandlerOptions = {}): HttpHandler[] {
  const {
    origin = DIALECTS[provider.settings.dialect].origin,
    nowUs = epochUs,
    onExchange = () => undefined,
  } = options;
  const prefix = /^\w+:\/\/[^/]+(.*?)\/?$/.exec(origin)?.[1] ?? '';
  const network = createInProcess(provider, timerScheduler(nowUs), onExchange);
  const answer = async ({ request }: { request: Request }): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const path = pathname.slice(prefix.length);
    const providerRequest = {
      method: request.method,
      target: path + search,
      headers: Object.fromEntries(request.headers),
      body: await request.clone().text(),
      ip: '127.0.0.1',
    };
    return new Promise<Response>((resolve, reject) => {
      const { receiver, onCancel, abort } = createPendingResponse(request.url, resolve, reject);
      const abortRequest = network.send(providerRequest, undefined, receiver);
      onCancel(abortRequest);
      request.signal.addEventListener('abort', () => {
        abortRequest();
        abort(request.signal.reason);
      });
    }).catch(() => HttpResponse.error());
  };
  return [http.all(`${origin.replace(/\/$/, '')}/*`, answer)];
}

let lastUs = 0;

/** Returns a monotonic time, even if the clock of the machine or of a test goes back. */
function epochUs(): number {
  lastUs = Math.max(lastUs, Date.now() * 1000);
  return lastUs;
}

function timerScheduler(nowUs: () => number): Scheduler {
  return {
    nowUs,
    at(atUs, act) {
      const timer = setTimeout(act, Math.max(0, Math.ceil((atUs - nowUs()) / 1000)));
      return () => clearTimeout(timer);
    },
    // Promises, because fake timers rarely replace them.
    afterInstant: (act) => void Promise.resolve().then(act),
  };
}
