import type { ClientSettings, CommandCode } from '../scenario/scenario.ts';
import { type Client, providerEnvironment, type StartOptions } from './client.ts';
import { startCommandClient } from './command-client.ts';
import { startModuleClient } from './module-client.ts';
import { startProxyGuard } from './proxy-guard.ts';
import { startWorkerClient } from './worker-client.ts';

/** Starts the client of a scenario. Throws what its kind of client throws, before any call is made. */
export function startClient({ code, env }: ClientSettings, options: StartOptions): Promise<Client> {
  const { url, provider, clock } = options;
  switch (code.kind) {
    case 'module':
      return startModuleClient({
        code,
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
