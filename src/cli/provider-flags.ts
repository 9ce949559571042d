import type { Command } from 'commander';
import type { Limit } from '../../mock-server/admission/limit.ts';
import { DIALECT_NAMES } from '../../mock-server/dialects/dialects.ts';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { hasTokenizer } from '../../mock-server/load-tokenizer.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { parseYamlValue } from '../scenario/document.ts';
import { parseNamedLimits } from '../scenario/limit-line.ts';
import { findRepeatedNames, type NamedLimit, nameApart } from '../scenario/limit-names.ts';
import { limitNotes } from '../scenario/limit-notes.ts';
import { loadProvider } from '../scenario/load-provider.ts';
import type { Override } from '../scenario/overrides.ts';
import { warn } from '../scenario/warn.ts';
import { findScenario } from './find-scenario.ts';
import { collect, collectSetting, parseWholeNumber } from './flags.ts';

/** Command-line flags of a provider. */
export interface ProviderFlags {
  readonly dialect?: string;
  readonly limit: string[];
  readonly fault: string[];
  readonly scenario?: string;
  readonly retryAfter?: string;
  readonly firstToken?: string;
  readonly perToken?: string;
  readonly set: readonly Override[];
  readonly seed: number;
}

/** Adds the provider's options. `fromScenario`: what `--scenario` supplies, for its help text. */
export function addProviderOptions(command: Command, fromScenario: string): Command {
  return command
    .option(
      '-d, --dialect <name>',
      `API dialect: ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(DIALECT_NAMES)}`,
    )
    .option(
      '-l, --limit <limit>',
      "add a limit, e.g. 'requests 5/s burst 5', 'tokens 90k/min per key', 'concurrent 10', '{ unit: requests, … }' or the name of a profile; repeatable",
      collect,
      [],
    )
    .option('-f, --fault <fault>', "inject a fault, e.g. '{ kind: reset, rate: 5% }'; repeatable", collect, [])
    .option('-s, --scenario <file>', `use ${fromScenario} of a scenario; --limit adds to it, other flags override it`)
    .option(
      '--retry-after <policy>',
      'Retry-After of refusals: next-token, ceil-seconds, window-end, slot, spread, none, http-date or past-date',
    )
    .option('--first-token <duration>', 'time to the first token, e.g. 300ms')
    .option('--per-token <duration>', 'time for each further token, e.g. 12ms')
    .option(
      '--set <path=value>',
      "any other setting of `provider:`, e.g. 'answer=echo'; repeatable",
      collectSetting,
      [],
    )
    .option('--seed <number>', 'seed of all random numbers', parseWholeNumber, 1);
}

const ESTIMATED_TOKENS = 'tokens are estimated from characters; to count them exactly: npm install gpt-tokenizer@4';

/** Returns the provider settings for the flags. Throws the errors of `loadProvider`, or `cli/bad-provider` with all problems. */
export async function readProviderSettings(flags: ProviderFlags): Promise<ProviderSettings> {
  const { scenario, limit, fault, seed } = flags;
  const problems: Problem[] = [];
  const added = limit.map((line) => collectProblems(problems, `--limit '${line}'`, () => parseNamedLimits(line)) ?? []);
  const faults = fault.flatMap((text) => collectProblems(problems, '--fault', () => readFault(text)) ?? []);
  const file = scenario === undefined ? undefined : findScenario(scenario);
  const settings = await loadProvider(file, providerOverrides(flags, faults), seed).catch((error: unknown) => {
    if (!(error instanceof QuotaLabError)) throw error;
    return error;
  });
  const ownLimits = settings instanceof QuotaLabError ? [] : settings.limits;
  const [, ...limits] = nameApart([ownLimits.map((one) => ({ limit: one, isGiven: true })), ...added]);
  problems.push(...repeatedLimits(ownLimits, limits, limit));
  if (settings instanceof QuotaLabError) {
    if (problems.length === 0) throw settings;
    problems.push(...settings.problems);
  } else if (problems.length === 0) {
    if (file === undefined && !hasTokenizer()) process.stderr.write(`quotalab: ${ESTIMATED_TOKENS}\n`);
    const all = { ...settings, limits: [...ownLimits, ...limits.flat().map((one) => one.limit)] };
    for (const note of limitNotes(all)) warn(note);
    return all;
  }
  throw new QuotaLabError('cli/bad-provider', 'invalid provider settings', { problems });
}

/** Finds limits of `--limit` whose name an earlier one has, or one of the scenario. */
function repeatedLimits(
  own: readonly Limit[],
  limits: readonly (readonly NamedLimit[])[],
  lines: readonly string[],
): Problem[] {
  const given = own.map((limit) => ({ limit, isGiven: true }));
  return findRepeatedNames([given, ...limits]).map(({ index, message, unused }): Problem => {
    const line = lines[index - 1]!;
    const isProfile = !/\s/.test(line.trim());
    const named = line.trimStart().startsWith('{') ? line.replace('{', `{ name: ${unused},`) : `${line} name ${unused}`;
    return { path: `--limit '${line}'`, message, ...(!isProfile && { hint: `--limit '${named}'` }) };
  });
}

/** Returns what `read` returns; if it throws, adds its problems under the flag's name and returns undefined. */
function collectProblems<Value>(problems: Problem[], flag: string, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QuotaLabError)) throw error;
    for (const problem of error.problems) {
      problems.push({ ...problem, path: problem.path === '' ? flag : `${flag} ${problem.path}` });
    }
    return undefined;
  }
}

/** Returns a fault as written, in YAML. Throws `cli/bad-fault`. */
function readFault(text: string): string {
  try {
    parseYamlValue(text);
    return text;
  } catch (cause) {
    const [message = ''] = (cause as Error).message.split('\n');
    const problems = [
      { path: '', message: `${message.replace(/:$/, '')}: ${text}`, hint: "'{ kind: reset, rate: 5% }'" },
    ];
    throw new QuotaLabError('cli/bad-fault', 'invalid fault', { problems, cause });
  }
}

/** Converts flags to scenario settings by path. Without a scenario, tokens are counted exactly where gpt-tokenizer is installed. */
function providerOverrides(
  { dialect, retryAfter, firstToken, perToken, set, scenario }: ProviderFlags,
  faults: readonly string[],
): Override[] {
  const setsTokenizer = set.some(({ path }) => path === 'tokenizer');
  const flags: readonly (readonly [flag: string, path: string, value: string | undefined])[] = [
    ['tokenizer', 'tokenizer', scenario === undefined && !setsTokenizer && hasTokenizer() ? 'o200k_base' : undefined],
    ['--dialect', 'dialect', dialect],
    ['--retry-after', 'retryAfter', retryAfter],
    ['--first-token', 'latency.firstToken', firstToken],
    ['--per-token', 'latency.perToken', perToken],
    ['--fault', 'faults', faults.length === 0 ? undefined : '[]'],
    ...faults.map((fault, index) => ['--fault', `faults[${index}]`, fault] as const),
    ...set.map(({ path, value }) => [`--set ${path}`, path, value] as const),
  ];
  return flags.flatMap(([flag, path, value]) =>
    value === undefined ? [] : [{ path: `provider.${path}`, value, flag }],
  );
}
