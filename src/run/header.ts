import { digest } from '../../mock-server/digest.ts';
import { hideInCommand } from '../../mock-server/redaction/hide-in-command.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { type HeaderRecord, JOURNAL_VERSION } from '../journal/record.ts';
import { recordedTrace } from '../load/trace.ts';
import { hasFleet } from '../scenario/fleet.ts';
import type { Named } from '../scenario/fleet-settings.ts';
import type { ClientCode, ClientSettings, GatewaySettings, Scenario } from '../scenario/scenario.ts';
import { createRunRedactor } from './run-redactor.ts';

/** Readers of earlier versions understand a run without replicas. */
const VERSION_WITHOUT_REPLICAS = 2;

/**
 * Creates the first record of a journal. `startedUs`: the start of the run; `node`: the Node version, set if results depend on
 * the machine.
 */
export function createHeader(scenario: Scenario, tool: string, startedUs: number, node?: string): HeaderRecord {
  return {
    type: 'header',
    version: hasFleet(scenario) ? JOURNAL_VERSION : VERSION_WITHOUT_REPLICAS,
    tool,
    seed: scenario.seed,
    time: scenario.time,
    scenario: redactScenario(scenario),
    generated: { at: new Date(startedUs / 1000).toISOString(), startedUs, ...(node !== undefined && { node }) },
  };
}

/**
 * Returns a scenario as it may be stored. API keys are never written: they are hashed, so that they can be compared, and hidden
 * in commands and texts. Paths are as written in the scenario, so that two machines write the same header.
 */
export function redactScenario(scenario: Scenario): Scenario {
  const { provider, otherProviders, client, otherClients, gateway } = scenario;
  return createRunRedactor(scenario).value({
    ...scenario,
    provider: redactProvider(provider),
    ...(otherProviders && { otherProviders: eachOf(otherProviders, redactProvider) }),
    load: scenario.load.map((one) => (one.executor === 'trace' ? recordedTrace(one) : one)),
    ...(gateway && { gateway: redactGateway(gateway) }),
    client: redactClient(client),
    ...(otherClients && { otherClients: eachOf(otherClients, redactClient) }),
  });
}

function eachOf<Settings>(
  all: readonly Named<Settings>[],
  change: (settings: Settings) => Settings,
): Named<Settings>[] {
  return all.map(({ name, settings }) => ({ name, settings: change(settings) }));
}

function redactProvider(provider: ProviderSettings): ProviderSettings {
  return { ...provider, keys: provider.keys === 'any' ? provider.keys : provider.keys.map(digest) };
}

function redactClient(client: ClientSettings): ClientSettings {
  return { ...client, code: redactCode(client), env: hashValues(client.env) };
}

/** Environment variables and headers may contain keys. */
function hashValues(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, digest(value)]));
}

function redactGateway({ config, env, headers, ...gateway }: GatewaySettings): GatewaySettings {
  return {
    ...gateway,
    command: hideInCommand(gateway.command),
    ...(config && { config: { ...config, file: config.written } }),
    env: hashValues(env),
    ...(headers && { headers: hashValues(headers) }),
    folder: '.',
  };
}

function redactCode({ code, written }: ClientSettings): ClientCode {
  if (code.kind === 'module') return { ...code, module: written };
  return code.kind === 'command' ? { ...code, command: hideInCommand(code.command), folder: '.' } : code;
}
