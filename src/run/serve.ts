import type { Exchange } from '../../mock-server/exchange.ts';
import { digest, listen } from '../../mock-server/listen.ts';
import type { Provider } from '../../mock-server/provider.ts';
import { type Observer, observe } from '../gateway/observe.ts';
import { sightThrough } from '../gateway/observed.ts';
import { type Gateway, startGateway } from '../gateway/start-gateway.ts';
import { createUpstreamSights } from '../gateway/upstream-sights.ts';
import type { Via } from '../journal/record.ts';
import type { GatewaySettings } from '../scenario/scenario.ts';

export interface ServeOptions {
  readonly gateway?: GatewaySettings | undefined;
  readonly nowUs: () => number;
  /** How many times as fast as the machine's that clock runs. */
  readonly speed?: number;
  /** Told of each request when it is over, as its client saw it. */
  readonly onExchange: (exchange: Exchange, via: Via) => void;
  /** Aborts when nobody waits for the start any more. */
  readonly signal: AbortSignal;
}

/** What clients are pointed at: the provider, or a gateway in front of it. */
export interface Served {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  /** Resolves when a gateway has ended before anybody closed it. */
  readonly died: Promise<Error>;
  /** Cuts what is still open, which is told as `open` exchanges first; nothing of a gateway is left. */
  close(): Promise<void>;
}

/** Serves a provider on a free loopback port, behind a gateway if there is one. Throws what `listen` and `startGateway` do. */
export async function serve(provider: Provider, options: ServeOptions): Promise<Served> {
  const { gateway: settings, nowUs, speed = 1, onExchange } = options;
  if (settings) return serveBehind(settings, provider, options);
  const server = await listen(provider, { nowUs, speed, onExchange: (exchange) => onExchange(exchange, {}) });
  return { url: server.url, died: new Promise(() => undefined), close: server.close };
}

/** Client, observer, gateway, provider: an attempt is what the observer sees, joined to what the provider saw of it. */
async function serveBehind(
  settings: GatewaySettings,
  provider: Provider,
  { nowUs, onExchange, signal }: ServeOptions,
): Promise<Served> {
  const upstream = createUpstreamSights();
  const server = await listen(provider, { nowUs, onDecided: upstream.decided });
  let gateway: Gateway | undefined;
  let observer: Observer | undefined;
  const close = async (): Promise<void> => {
    await observer?.close();
    await server.close();
    await gateway?.stop();
  };
  try {
    gateway = await startGateway(settings, { upstream: new URL(server.url).host, signal });
    observer = await observe({
      port: gateway.port,
      nowUs,
      onOpened: upstream.opened,
      onSent: upstream.sent,
      onEnd: (observed) => {
        const { sight, via } = sightThrough(observed, upstream.closed(observed.id), digest);
        const { startUs, headersUs, endUs, outcome } = observed;
        onExchange({ sight, startUs, ...(headersUs !== undefined && { headersUs }), endUs, outcome }, via);
      },
    });
    return { url: observer.url, died: gateway.died, close };
  } catch (error) {
    await close();
    throw error;
  }
}
