import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { ClientSettings, CommandCode } from '../scenario/scenario.ts';
import { type Client, providerEnvironment } from './client.ts';
import { startCommandClient } from './command-client.ts';
import { startModuleClient } from './module-client.ts';
import { startProxyGuard } from './proxy-guard.ts';
import { startWorkerClient } from './worker-client.ts';

export interface StartOptions {
  /** Address of the provider. */
  readonly url: string;
  readonly provider: Pick<ProviderSettings, 'keys' | 'keyNames' | 'dialect'>;
  /** The run's clock; its origin is shared with other threads (`wallClock`). */
  readonly clock: { readonly originUs: number; nowUs(): number };
  /** Adds the variables that put a command on the run's clock; absent in wall time. */
  readonly environment?: (own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** Hosts other than loopback that the client may reach. */
  readonly allowHosts: readonly string[];
  /** Aborts the start. */
  readonly signal: AbortSignal;
  /** Takes the client's output, which must not mix with the results on stdout. */
  readonly print: (text: string) => void;
}

/** Starts the client of a scenario. Throws what its kind of client throws, before any call is made. */
export function startClient({ code, env }: ClientSettings, options: StartOptions): Promise<Client> {
  const { url, provider, clock } = options;
  switch (code.kind) {
    case 'module':
      return startModuleClient({
        module: code.module,
        env: { ...providerEnvironment(url, provider), ...env },
        clockOriginUs: clock.originUs,
        ...options,
      });
    case 'command':
      return startCommand(code, env, options);
    case 'autocannon':
    case 'none':
      throw new TypeError(`a client of kind ${code.kind} makes no single calls`);
  }
}

async function startCommand(code: CommandCode, env: ClientSettings['env'], options: StartOptions): Promise<Client> {
  const guard = await startProxyGuard(options.allowHosts, options.print);
  const start = code.protocol === 'worker' ? startWorkerClient : startCommandClient;
  const variables = { ...guard.env, ...env };
  const client = await start(code, { ...options, env: options.environment?.(variables) ?? variables }).catch(
    async (error: unknown) => {
      await guard.close();
      throw error;
    },
  );
  return {
    ...client,
    async stop() {
      await client.stop();
      await guard.close();
    },
  };
}
