import type { Command } from 'commander';
import { parse } from 'yaml';
import type { Limit } from '../../mock-server/admission/limit.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import { loadProvider } from '../scenario/load-provider.ts';
import { findScenario } from './find-scenario.ts';
import { collect, collectSetting, wholeNumber } from './flags.ts';

/** What the command line says of a provider. */
export interface ProviderFlags {
  readonly dialect?: string;
  readonly limit: Limit[];
  readonly fault: string[];
  readonly scenario?: string;
  readonly retryAfter?: string;
  readonly firstToken?: string;
  readonly perToken?: string;
  readonly set: Record<string, string>;
  readonly seed: number;
}

export function addProviderOptions(command: Command, scenarioGives: string): Command {
  return command
    .option('-d, --dialect <name>', 'openai, azure, anthropic or gemini')
    .option(
      '-l, --limit <limit>',
      "e.g. 'requests 5/s burst 5', 'tokens 90k/min per key' or the name of a profile; again for more",
      collectLimit,
      [],
    )
    .option('-f, --fault <fault>', "e.g. '{ kind: reset, rate: 5% }'; again for more", collect, [])
    .option('-s, --scenario <file>', `take ${scenarioGives} of a scenario; --limit adds to it, all else replaces`)
    .option(
      '--retry-after <policy>',
      'next-token, ceil-seconds, window-end, slot, spread, none, http-date or past-date',
    )
    .option('--first-token <duration>', 'time to the first token, e.g. 300ms')
    .option('--per-token <duration>', 'time for each further token, e.g. 12ms')
    .option(
      '--set <path=value>',
      "any other setting of `provider:`, e.g. 'answer=echo'; again for more",
      collectSetting,
      {},
    )
    .option('--seed <number>', 'everything random follows from it', wholeNumber, 1);
}

function collectLimit(line: string, before: Limit[]): Limit[] {
  return [...before, ...parseLimitLine(line)];
}

/** The provider that the flags describe. Throws as `loadProvider` does. */
export async function providerSettings(flags: ProviderFlags): Promise<ProviderSettings> {
  const { scenario, limit, seed } = flags;
  const file = scenario === undefined ? undefined : findScenario(scenario);
  const settings = await loadProvider(file, overridesOf(flags), seed);
  return { ...settings, limits: [...settings.limits, ...limit] };
}

/** Flags as settings by their paths. Somebody who looks at a provider by hand wants true counts of tokens. */
function overridesOf({ dialect, fault, retryAfter, firstToken, perToken, set, scenario }: ProviderFlags) {
  const given: Readonly<Record<string, string | undefined>> = {
    tokenizer: scenario === undefined ? 'o200k_base' : undefined,
    dialect,
    retryAfter,
    'latency.firstToken': firstToken,
    'latency.perToken': perToken,
    faults: fault.length === 0 ? undefined : JSON.stringify(fault.map((text) => parse(text))),
    ...set,
  };
  const overrides: Record<string, string> = {};
  for (const [path, value] of Object.entries(given)) if (value !== undefined) overrides[`provider.${path}`] = value;
  return overrides;
}
