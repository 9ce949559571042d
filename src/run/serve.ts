import { digest } from '../../mock-server/digest.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import { listen } from '../../mock-server/listen.ts';
import type { Provider } from '../../mock-server/provider.ts';
import { fillHeaders } from '../gateway/fill-placeholders.ts';
import { type Observer, observe } from '../gateway/observe.ts';
import { viewThroughGateway } from '../gateway/observed-exchange.ts';
import { type Gateway, startGateway } from '../gateway/start-gateway.ts';
import { createUpstreamViews } from '../gateway/upstream-views.ts';
import type { Via } from '../journal/call-records.ts';
import type { GatewaySettings } from '../scenario/scenario.ts';

export interface ServeOptions {
  readonly gateway?: GatewaySettings | undefined;
  readonly nowUs: () => number;
  /** Factor by which that clock runs faster than the machine's. */
  readonly speed?: number;
  /** Called at the end of each request, with the exchange as its client observed it. */
  readonly onExchange: (exchange: Exchange, via: Via) => void;
  /** Aborts the start. */
  readonly signal: AbortSignal;
}

/** The endpoint of the clients: the provider, or a gateway in front of it. */
export interface Served {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  /** Resolves when a gateway exits before `close`. */
  readonly died: Promise<Error>;
  /** Cuts open requests, after reporting them as `open` exchanges, and stops the gateway. */
  close(): Promise<void>;
}

/** Serves a provider on a free loopback port, behind a gateway if set. Throws what `listen` and `startGateway` throw. */
export async function serve(provider: Provider, options: ServeOptions): Promise<Served> {
  const { gateway: settings, nowUs, speed = 1, onExchange } = options;
  if (settings) return serveBehind(settings, provider, options);
  const server = await listen(provider, { nowUs, speed, onExchange: (exchange) => onExchange(exchange, {}) });
  return { url: server.url, died: new Promise(() => undefined), close: server.close };
}

/** Client → observer → gateway → provider: an attempt is the observer's exchange, joined to the provider's view of it. */
async function serveBehind(
  settings: GatewaySettings,
  provider: Provider,
  { nowUs, onExchange, signal }: ServeOptions,
): Promise<Served> {
  const upstream = createUpstreamViews();
  const server = await listen(provider, { nowUs, onDecided: upstream.decided });
  let gateway: Gateway | undefined;
  let observer: Observer | undefined;
  const close = async (): Promise<void> => {
    await observer?.close();
    await server.close();
    await gateway?.stop();
  };
  try {
    const { host } = new URL(server.url);
    gateway = await startGateway(settings, { upstream: host, signal });
    observer = await observe({
      port: gateway.port,
      addedHeaders: fillHeaders(settings.headers, { upstream: host, port: String(gateway.port) }),
      nowUs,
      onOpened: upstream.opened,
      onSent: upstream.sent,
      onEnd: (observed) => {
        const { view, via } = viewThroughGateway(observed, upstream.closed(observed.id), digest);
        const { startUs, headersUs, endUs, outcome } = observed;
        onExchange({ view, startUs, ...(headersUs !== undefined && { headersUs }), endUs, outcome }, via);
      },
    });
    return { url: observer.url, died: gateway.died, close };
  } catch (error) {
    await close();
    throw error;
  }
}
