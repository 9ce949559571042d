import type { z } from 'zod';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { WithProviders } from './fleet.ts';
import { resolveFleet } from './fleet-schema.ts';
import type { Named } from './fleet-settings.ts';
import { type clientSchema, type clientsSchema, nameProviders, type providersSchema } from './named-blocks.ts';
import type { providerSchema } from './provider-schema.ts';
import { resolveClient } from './resolve-client.ts';
import type { ClientSettings, Scenario } from './scenario.ts';

/** The blocks of a scenario file that have a form for one and a form for several by name. */
interface Blocks {
  readonly seed: number;
  readonly provider: z.output<typeof providerSchema>;
  readonly providers?: z.output<typeof providersSchema> | undefined;
  readonly client?: z.output<typeof clientSchema> | undefined;
  readonly clients?: z.output<typeof clientsSchema> | undefined;
}

/** Returns the providers and the clients of a scenario: the first of each, and the others by name. */
export function resolveParts(blocks: Blocks): WithProviders & Pick<Scenario, 'client' | 'clientName' | 'otherClients'> {
  const providers = blocks.providers
    ? nameProviders(blocks.providers, blocks.seed)
    : [{ name: '', settings: { ...blocks.provider, seed: blocks.seed } }];
  const [provider, ...otherProviders] = providers as [Named<ProviderSettings>, ...Named<ProviderSettings>[]];
  const [client, ...otherClients] = resolveClients(blocks, provider.settings) as [
    Named<ClientSettings>,
    ...Named<ClientSettings>[],
  ];
  return {
    provider: provider.settings,
    ...(provider.name !== '' && { providerName: provider.name, otherProviders }),
    client: client.settings,
    ...(client.name !== '' && { clientName: client.name, otherClients }),
  };
}

function resolveClients({ client, clients }: Blocks, { dialect }: ProviderSettings): Named<ClientSettings>[] {
  return Object.entries(clients ?? { '': client! }).map(([name, { replicas, balance, restarts, ...raw }]) => {
    const fleet = resolveFleet({ replicas, balance, restarts });
    return { name, settings: { ...resolveClient(raw, dialect), ...(fleet && { fleet }) } };
  });
}
