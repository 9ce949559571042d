import { parseDuration } from '../../scenario/quantity.ts';

/** One number of a verdict that a scenario may change: its default, what it is, and how its text is read. */
export interface Setting<Value> {
  readonly value: Value;
  readonly about: string;
  /** What may be written, for messages. */
  readonly form: string;
  /** The value of what stands in the scenario; undefined if it is none. */
  read(written: unknown): Value | undefined;
}

/** The settings of one verdict by name. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** Their values: numbers as they are, shares of 1, microseconds. */
export type ValuesOf<All extends Settings> = { readonly [Name in keyof All]: All[Name]['value'] };

/** A number of 0 or more. */
export function number(value: number, about: string): Setting<number> {
  return { value, about, form: 'a number', read: (written) => (isNumber(written) ? written : undefined) };
}

/** A share of 1, which may be written in per cent. */
export function share(value: number, about: string): Setting<number> {
  return {
    value,
    about,
    form: 'a share such as 0.1 or 10%',
    read(written) {
      const [, hundredths] = typeof written === 'string' ? (/^(\d+(?:\.\d+)?) ?%$/.exec(written.trim()) ?? []) : [];
      const read = hundredths === undefined ? written : Number(hundredths) / 100;
      return isNumber(read) && read <= 1 ? read : undefined;
    },
  };
}

/** Microseconds, written as a duration. Infinity stands for one that nobody has set. */
export function duration(value: number, about: string): Setting<number> {
  return { value, about, form: 'a duration such as 30s', read: readDuration };
}

/** A name; empty for none. */
export function text(about: string): Setting<string> {
  return { value: '', about, form: 'a name', read: (written) => (typeof written === 'string' ? written : undefined) };
}

export function flag(value: boolean, about: string): Setting<boolean> {
  return {
    value,
    about,
    form: 'true or false',
    read: (written) => (typeof written === 'boolean' ? written : undefined),
  };
}

/** Moments of the run, in microseconds since its start. */
export function moments(about: string): Setting<readonly number[]> {
  return {
    value: [],
    about,
    form: 'a list of moments such as [0s, 10m]',
    read(written) {
      const read = (Array.isArray(written) ? written : [written]).map(readDuration);
      return read.every((moment) => moment !== undefined) ? read : undefined;
    },
  };
}

/** The values that hold: what is written where it can be read, the defaults for the rest. */
export function valuesOf<All extends Settings>(
  settings: All,
  written: Readonly<Record<string, unknown>>,
): ValuesOf<All> {
  const values = Object.entries(settings).map(([name, { value, read }]) => [
    name,
    written[name] === undefined ? value : (read(written[name]) ?? value),
  ]);
  return Object.fromEntries(values) as ValuesOf<All>;
}

function isNumber(written: unknown): written is number {
  return typeof written === 'number' && Number.isFinite(written) && written >= 0;
}

function readDuration(written: unknown): number | undefined {
  if (written === 0) return 0;
  const reading = typeof written === 'string' ? parseDuration(written) : undefined;
  return reading && 'value' in reading ? reading.value : undefined;
}
