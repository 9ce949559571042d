import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { ClientSettings, CommandCode } from '../scenario/scenario.ts';
import { type Client, providerEnvironment } from './client.ts';
import { startCommandClient } from './command-client.ts';
import { startModuleClient } from './module-client.ts';
import { startProxyGuard } from './proxy-guard.ts';
import { startWorkerClient } from './worker-client.ts';

export interface StartOptions {
  /** Where the provider listens, and what it is. */
  readonly url: string;
  readonly provider: Pick<ProviderSettings, 'keys' | 'keyNames' | 'dialect'>;
  /** The run's clock, so that other threads' times are on it (`wallClock`). */
  readonly clock: { readonly originUs: number; nowUs(): number };
  /** A command's variables, with those that put it on the run's clock; absent where that is the machine's. */
  readonly environment?: (own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** Hosts beside loopback that the client may reach. */
  readonly allowHosts: readonly string[];
  /** Aborts when nobody waits for the start any more. */
  readonly signal: AbortSignal;
  /** What the client prints; it must not mix with the results on stdout. */
  readonly print: (text: string) => void;
}

/** Starts whatever makes the calls. Throws what the kind of client throws, before any call was made. */
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
      throw new TypeError(`a client that is ${code.kind} makes no calls one by one`);
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
