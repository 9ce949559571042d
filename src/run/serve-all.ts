import type { Exchange } from '../../mock-server/exchange.ts';
import { openProvider } from '../../mock-server/open-provider.ts';
import type { Provider } from '../../mock-server/provider.ts';
import type { ServedProvider } from '../client/fleet-environment.ts';
import type { Via } from '../journal/call-records.ts';
import { providersOf, type WithProviders } from '../scenario/fleet.ts';
import { type Served, type ServeOptions, serve } from './serve.ts';

export interface ServeAllOptions extends Omit<ServeOptions, 'onExchange'> {
  /** Called at the end of each request, with the name of its provider. */
  readonly onExchange: (exchange: Exchange, via: Via, provider: string) => void;
  readonly onKey: (key: string) => void;
}

/** All providers of a run, each on a port of its own. */
export interface ServedProviders {
  readonly providers: readonly (ServedProvider & { readonly provider: Provider })[];
  /** Resolves when a gateway exits before `close`. */
  readonly died: Promise<Error>;
  close(): Promise<void>;
}

/** Serves each provider on a free loopback port; the gateway, if set, is in front of the first. Throws what `serve` throws. */
export async function serveAll(scenario: WithProviders, options: ServeAllOptions): Promise<ServedProviders> {
  const { gateway, onExchange, onKey, ...rest } = options;
  const servers: Served[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    const providers: ServedProviders['providers'][number][] = [];
    for (const { name, settings } of providersOf(scenario)) {
      const provider = await openProvider(settings, onKey);
      const server = await serve(provider, {
        ...rest,
        gateway: servers.length === 0 ? gateway : undefined,
        onExchange: (exchange, via) => onExchange(exchange, via, name),
      });
      servers.push(server);
      providers.push({ name, settings, provider, url: server.url });
    }
    return { providers, died: Promise.race(servers.map(({ died }) => died)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
