import { digest } from '../../mock-server/listen.ts';
import { type HeaderRecord, JOURNAL_VERSION } from '../journal/record.ts';
import { withoutSecrets } from '../programs/command-text.ts';
import type { ClientCode, ClientSettings, GatewaySettings, Scenario } from '../scenario/scenario.ts';

/** The journal's first line. `startedUs` is the run's zero; `node` is told where the machine's own time has a say. */
export function headerOf(scenario: Scenario, tool: string, startedUs: number, node?: string): HeaderRecord {
  return {
    type: 'header',
    version: JOURNAL_VERSION,
    tool,
    seed: scenario.seed,
    time: scenario.time,
    scenario: shareable(scenario),
    generated: { at: new Date(startedUs / 1000).toISOString(), startedUs, ...(node !== undefined && { node }) },
  };
}

/**
 * API keys are never written anywhere; what stands for them can be compared, but in commands, where they are hidden. Paths
 * are as the scenario has them, so that two machines write the same.
 */
function shareable(scenario: Scenario): Scenario {
  const { provider, client, gateway } = scenario;
  const keys = provider.keys === 'any' ? provider.keys : provider.keys.map(digest);
  return {
    ...scenario,
    provider: { ...provider, keys },
    ...(gateway && { gateway: gatewayAsWritten(gateway) }),
    client: { ...client, code: codeAsWritten(client), env: hashed(client.env) },
  };
}

/** Variables may be keys. */
function hashed(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, digest(value)]));
}

function gatewayAsWritten({ config, env, ...gateway }: GatewaySettings): GatewaySettings {
  return {
    ...gateway,
    command: withoutSecrets(gateway.command),
    ...(config && { config: { ...config, file: config.written } }),
    env: hashed(env),
    folder: '.',
  };
}

function codeAsWritten({ code, written }: ClientSettings): ClientCode {
  if (code.kind === 'module') return { ...code, module: written };
  return code.kind === 'command' ? { ...code, command: withoutSecrets(code.command), folder: '.' } : code;
}
