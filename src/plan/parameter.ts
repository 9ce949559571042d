import { formatPath, type Path } from '../scenario/path.ts';

/** A number of a scenario that can be varied: `20`, `5/s`, `90k/min`, `30s`. */
export interface Parameter {
  readonly path: string;
  /** The value in the scenario. */
  readonly value: number;
  /** The text after the number: ``, `/s`, `k/min`, `s`. */
  readonly unit: string;
}

/** Parses a value of a scenario as a parameter; undefined if it is not a number. */
export function parseParameter(path: string, value: unknown): Parameter | undefined {
  if (typeof value === 'number') return { path, value, unit: '' };
  if (typeof value !== 'string') return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-zA-Z]*(?:\/\w+)?)$/.exec(value.trim()) ?? [];
  return number === undefined ? undefined : { path, value: Number(number), unit: unit! };
}

/** Returns every parameter of a scenario. List items with a name are addressed by it. */
export function findParameters(written: unknown, path: Path = []): Parameter[] {
  const parameter = path.length > 0 ? parseParameter(formatPath(path), written) : undefined;
  if (parameter) return [parameter];
  if (typeof written !== 'object' || written === null) return [];
  return Object.entries(written).flatMap(([key, value]) => {
    const name = Array.isArray(written) ? (value as { name?: unknown } | null)?.name : undefined;
    const step = typeof name === 'string' ? name : Array.isArray(written) ? Number(key) : key;
    return findParameters(value, [...path, step]);
  });
}

/** Formats a value as the scenario writes it. */
export function formatParameter({ unit }: Parameter, value: number): string {
  return `${Number(value.toPrecision(6))}${unit}`;
}
