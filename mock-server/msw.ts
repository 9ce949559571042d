import { type HttpHandler, HttpResponse, http } from 'msw';
import { dialectOf } from './dialects/dialects.ts';
import type { Exchange } from './exchange.ts';
import { inProcess, type Timetable } from './in-process.ts';
import { responseTo } from './intercept-fetch.ts';
import type { Provider } from './provider.ts';

export type { Exchange } from './exchange.ts';

export interface HandlerOptions {
  /** Where the provider is thought to be, as far as its own paths begin; the real one's address when left out. */
  readonly origin?: string;
  /** Integer microseconds since the Unix epoch; `Date.now()` when left out, so that fake timers move it. */
  readonly nowUs?: () => number;
  readonly onExchange?: (exchange: Exchange) => void;
}

/**
 * Handlers by which msw lets a provider answer in process: `setupServer(...handlers(provider))`. Limits are kept, streams
 * and latencies take their time on the timers that are there, fake ones too.
 */
export function handlers(provider: Provider, options: HandlerOptions = {}): HttpHandler[] {
  const { origin = dialectOf(provider.settings).origin, nowUs = epochUs, onExchange = () => undefined } = options;
  const prefix = /^\w+:\/\/[^/]+(.*?)\/?$/.exec(origin)?.[1] ?? '';
  const network = inProcess(provider, timetable(nowUs), onExchange);
  const answer = async ({ request }: { request: Request }): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const path = pathname.slice(prefix.length);
    const read = {
      method: request.method,
      target: path + search,
      headers: Object.fromEntries(request.headers),
      body: await request.clone().text(),
      ip: '127.0.0.1',
    };
    return new Promise<Response>((resolve, reject) => {
      const { receiver, onCancel, abort } = responseTo(request.url, resolve, reject);
      const leave = network.send(read, undefined, receiver);
      onCancel(leave);
      request.signal.addEventListener('abort', () => {
        leave();
        abort(request.signal.reason);
      });
    }).catch(() => HttpResponse.error());
  };
  return [http.all(`${origin.replace(/\/$/, '')}/*`, answer)];
}

let lastUs = 0;

/** Never goes back, though the clock of a machine or of a test may. */
function epochUs(): number {
  lastUs = Math.max(lastUs, Date.now() * 1000);
  return lastUs;
}

function timetable(nowUs: () => number): Timetable {
  return {
    nowUs,
    at(atUs, act) {
      const timer = setTimeout(act, Math.max(0, Math.ceil((atUs - nowUs()) / 1000)));
      return () => clearTimeout(timer);
    },
    // What tests fake least.
    afterInstant: (act) => void Promise.resolve().then(act),
  };
}
