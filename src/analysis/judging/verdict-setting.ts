import { parseDuration } from '../../../mock-server/quantity.ts';

/** One setting of a verdict: its default, its description, and the parser of its value in a scenario. */
export interface Setting<Value> {
  readonly value: Value;
  readonly description: string;
  /** Valid values, for error messages. */
  readonly form: string;
  /** Parses the value in the scenario; undefined if it is invalid. */
  parse(written: unknown): Value | undefined;
}

/** The settings of one verdict by name. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The parsed values: plain numbers, shares of 1, microseconds. */
export type ValuesOf<All extends Settings> = { readonly [Name in keyof All]: All[Name]['value'] };

/** A number of 0 or more. */
export function number(value: number, description: string): Setting<number> {
  return { value, description, form: 'a number', parse: (written) => (isNumber(written) ? written : undefined) };
}

/** A share of 1, also accepted as a percentage. */
export function share(value: number, description: string): Setting<number> {
  return {
    value,
    description,
    form: 'a share such as 0.1 or 10%',
    parse(written) {
      const [, hundredths] = typeof written === 'string' ? (/^(\d+(?:\.\d+)?) ?%$/.exec(written.trim()) ?? []) : [];
      const parsed = hundredths === undefined ? written : Number(hundredths) / 100;
      return isNumber(parsed) && parsed <= 1 ? parsed : undefined;
    },
  };
}

/** Microseconds, written as a duration. A default of Infinity means not set. */
export function duration(value: number, description: string): Setting<number> {
  return { value, description, form: 'a duration such as 30s', parse: parseSettingDuration };
}

/** A name; empty if not set. */
export function text(description: string): Setting<string> {
  return {
    value: '',
    description,
    form: 'a name',
    parse: (written) => (typeof written === 'string' ? written : undefined),
  };
}

export function flag(value: boolean, description: string): Setting<boolean> {
  return {
    value,
    description,
    form: 'true or false',
    parse: (written) => (typeof written === 'boolean' ? written : undefined),
  };
}

/** Times in the run, in microseconds since its start. */
export function times(description: string): Setting<readonly number[]> {
  return {
    value: [],
    description,
    form: 'a list of times such as [0s, 10m]',
    parse(written) {
      const parsed = (Array.isArray(written) ? written : [written]).map(parseSettingDuration);
      return parsed.every((time) => time !== undefined) ? parsed : undefined;
    },
  };
}

/** The effective values: valid values from the scenario, defaults for the rest. */
export function resolveSettings<All extends Settings>(
  settings: All,
  written: Readonly<Record<string, unknown>>,
): ValuesOf<All> {
  const values = Object.entries(settings).map(([name, { value, parse }]) => [
    name,
    written[name] === undefined ? value : (parse(written[name]) ?? value),
  ]);
  return Object.fromEntries(values) as ValuesOf<All>;
}

function isNumber(written: unknown): written is number {
  return typeof written === 'number' && Number.isFinite(written) && written >= 0;
}

function parseSettingDuration(written: unknown): number | undefined {
  if (written === 0) return 0;
  const parsed = typeof written === 'string' ? parseDuration(written) : undefined;
  return parsed && 'value' in parsed ? parsed.value : undefined;
}
