import type { ClientSettings } from '../scenario/scenario.ts';
import { type Client, providerEnvironment, type StartOptions } from './client.ts';
import { startCommandClient } from './command-client.ts';
import { type GuardSettings, guardVariables } from './guard-programs.ts';
import { createHostRule } from './host-rule.ts';
import { startModuleClient } from './module-client.ts';
import { startProxyGuard } from './proxy-guard.ts';
import { startWorkerClient } from './worker-client.ts';

/** Starts the client of a scenario. Throws what its kind of client throws, before any call is made. */
export async function startClient(
  { code, env }: Pick<ClientSettings, 'code' | 'env'>,
  options: StartOptions,
): Promise<Client> {
  const { allowHosts, print } = options;
  const proxy = await startProxyGuard(createHostRule(allowHosts, print));
  const guard = { allowHosts, proxyEnv: proxy.env };
  try {
    const client = await startGuarded(code, env, guard, options);
    return {
      ...client,
      async stop() {
        await client.stop();
        await proxy.close();
      },
    };
  } catch (error) {
    await proxy.close();
    throw error;
  }
}

function startGuarded(
  code: ClientSettings['code'],
  env: ClientSettings['env'],
  guard: GuardSettings,
  options: StartOptions,
): Promise<Client> {
  const { url, provider, clock } = options;
  switch (code.kind) {
    case 'module':
      return startModuleClient({
        code,
        env: { ...providerEnvironment(url, provider), ...env },
        clockOriginUs: clock.originUs,
        guard,
        ...options,
      });
    case 'command': {
      const own = {
        ...guardVariables(guard, env.NODE_OPTIONS ?? process.env.NODE_OPTIONS),
        ...withoutNodeOptions(env),
      };
      const start = code.protocol === 'worker' ? startWorkerClient : startCommandClient;
      return start(code, { ...options, env: options.environment?.(own) ?? own });
    }
    case 'autocannon':
    case 'none':
      throw new TypeError(`a client of kind ${code.kind} makes no single calls`);
  }
}

function withoutNodeOptions({ NODE_OPTIONS: _, ...env }: ClientSettings['env']): ClientSettings['env'] {
  return env;
}
