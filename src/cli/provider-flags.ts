import type { Command } from 'commander';
import { parse } from 'yaml';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import { loadProvider } from '../scenario/load-provider.ts';
import { findScenario } from './find-scenario.ts';
import { collect, collectSetting, wholeNumber } from './flags.ts';

/** What the command line says of a provider. */
export interface ProviderFlags {
  readonly dialect?: string;
  readonly limit: string[];
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
      collect,
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

/** The provider that the flags describe. Throws as `loadProvider` does, or `cli/bad-provider` with what is wrong with all of them. */
export async function providerSettings(flags: ProviderFlags): Promise<ProviderSettings> {
  const { scenario, limit, fault, seed } = flags;
  const problems: Problem[] = [];
  const limits = limit.flatMap((line) => noting(problems, `--limit '${line}'`, () => parseLimitLine(line)) ?? []);
  const faults = fault.flatMap((text) => noting(problems, '--fault', () => [parsedFault(text)]) ?? []);
  const file = scenario === undefined ? undefined : findScenario(scenario);
  try {
    const settings = await loadProvider(file, overridesOf(flags, faults), seed);
    if (problems.length === 0) return { ...settings, limits: [...settings.limits, ...limits] };
  } catch (error) {
    if (problems.length === 0 || !(error instanceof QuotaLabError)) throw error;
    problems.push(...error.problems);
  }
  throw new QuotaLabError('cli/bad-provider', 'these are no settings of a provider', { problems });
}

/** What `read` gives, or nothing, and what is wrong with that flag noted. */
function noting<Value>(problems: Problem[], flag: string, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QuotaLabError)) throw error;
    for (const one of error.problems) problems.push({ ...one, path: one.path === '' ? flag : `${flag} ${one.path}` });
    return undefined;
  }
}

/** A fault as YAML. Throws `cli/bad-fault`. */
function parsedFault(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    const [message = ''] = (cause as Error).message.split('\n');
    const problems = [
      { path: '', message: `${message.replace(/:$/, '')}: ${text}`, hint: "'{ kind: reset, rate: 5% }'" },
    ];
    throw new QuotaLabError('cli/bad-fault', 'this is no fault', { problems, cause });
  }
}

/** Flags as settings by their paths. Somebody who looks at a provider by hand wants true counts of tokens. */
function overridesOf(
  { dialect, retryAfter, firstToken, perToken, set, scenario }: ProviderFlags,
  faults: readonly unknown[],
) {
  const given: Readonly<Record<string, string | undefined>> = {
    tokenizer: scenario === undefined ? 'o200k_base' : undefined,
    dialect,
    retryAfter,
    'latency.firstToken': firstToken,
    'latency.perToken': perToken,
    faults: faults.length === 0 ? undefined : JSON.stringify(faults),
    ...set,
  };
  const overrides: Record<string, string> = {};
  for (const [path, value] of Object.entries(given)) if (value !== undefined) overrides[`provider.${path}`] = value;
  return overrides;
}
