import { QuotaLabError } from '../../mock-server/error.ts';
import type { Override } from './overrides.ts';

/** The flags of a load, as text. */
export interface LoadFlags {
  readonly rate?: string | undefined;
  readonly vus?: string | undefined;
  readonly duration?: string | undefined;
  readonly iterations?: string | undefined;
}

/** The setting of each executor that a flag changes; as in k6, a duration bounds a number of iterations. */
const SETTINGS: Readonly<Record<keyof LoadFlags, Readonly<Record<string, string>>>> = {
  rate: { 'constant-arrival-rate': 'rate' },
  vus: { 'constant-vus': 'vus', 'per-vu-iterations': 'vus', 'shared-iterations': 'vus' },
  duration: {
    'constant-vus': 'duration',
    'constant-arrival-rate': 'duration',
    'per-vu-iterations': 'maxDuration',
    'shared-iterations': 'maxDuration',
  },
  iterations: { 'per-vu-iterations': 'iterations', 'shared-iterations': 'iterations' },
};

const NAMES = Object.keys(SETTINGS) as (keyof LoadFlags)[];

/**
 * Returns the changes that flags make in every load of a raw scenario. Throws `cli/load-flag` with each flag that a load has no
 * setting for. A load whose executor is unknown is left to the check of the scenario.
 */
export function loadOverrides(raw: unknown, flags: LoadFlags): readonly Override[] {
  const given = NAMES.flatMap((name) => (flags[name] === undefined ? [] : [{ name, value: flags[name] }]));
  const executors = executorsOf(raw);
  const problems = given.flatMap(({ name, value }) =>
    misfits(raw, executors, name).map((problem) => ({ path: `--${name} ${value}`, ...problem })),
  );
  if (problems.length > 0) {
    throw new QuotaLabError('cli/load-flag', 'a flag does not fit the load of the scenario', { problems });
  }
  return given.flatMap(({ name, value }) =>
    executors.flatMap((executor, index) => {
      const setting = SETTINGS[name][executor];
      return setting === undefined ? [] : [{ path: `load[${index}].${setting}`, value, flag: `--${name}` }];
    }),
  );
}

interface Misfit {
  readonly message: string;
  readonly hint?: string;
}

function misfits(raw: unknown, executors: readonly string[], name: keyof LoadFlags): Misfit[] {
  if (executors.length === 0 && hasAutocannon(raw)) {
    return [{ message: 'the load is that of client.autocannon', hint: '--set client.autocannon.SETTING=VALUE' }];
  }
  return executors.flatMap((executor, index) =>
    isKnown(executor) && SETTINGS[name][executor] === undefined
      ? [{ message: `load[${index}] is ${executor}, which has no ${name}`, hint: hintFor(executor, index) }]
      : [],
  );
}

/** What can be changed in a load instead. */
function hintFor(executor: string, index: number): string {
  const flags = NAMES.filter((name) => SETTINGS[name][executor] !== undefined).map((name) => `--${name}`);
  if (executor === 'trace') return `it has speed and scale: --set 'load[${index}].scale=VALUE'`;
  return flags.length > 0
    ? `it takes ${flags.join(', ')}; for another executor, edit the file`
    : `it has stages: --set 'load[${index}].stages[0].target=VALUE', or edit the file`;
}

/** Executors that no flag fits. */
const WITHOUT_FLAGS = ['ramping-vus', 'ramping-arrival-rate', 'trace'];

const isKnown = (executor: string): boolean => WITHOUT_FLAGS.includes(executor) || executor in SETTINGS.duration;

function executorsOf(raw: unknown): readonly string[] {
  const { load } = Object(raw) as { load?: unknown };
  return Array.isArray(load) ? load.map((one) => String((Object(one) as { executor?: unknown }).executor)) : [];
}

function hasAutocannon(raw: unknown): boolean {
  const { client } = Object(raw) as { client?: unknown };
  return (Object(client) as { autocannon?: unknown }).autocannon !== undefined;
}
