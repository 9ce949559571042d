import { type Path, pathText } from '../scenario/path.ts';

/** A number somewhere in a scenario that can be turned: `20`, `5/s`, `90k/min`, `30s`. */
export interface Knob {
  readonly path: string;
  /** What the scenario has. */
  readonly value: number;
  /** What stands behind the number: ``, `/s`, `k/min`, `s`. */
  readonly unit: string;
}

/** A value of a scenario as a knob; undefined where it is no number. */
export function knobOf(path: string, value: unknown): Knob | undefined {
  if (typeof value === 'number') return { path, value, unit: '' };
  if (typeof value !== 'string') return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-zA-Z]*(?:\/\w+)?)$/.exec(value.trim()) ?? [];
  return number === undefined ? undefined : { path, value: Number(number), unit: unit! };
}

/** Every number of a scenario that can be turned; items of a list that have names are named by them. */
export function knobsIn(written: unknown, path: Path = []): Knob[] {
  const knob = path.length > 0 ? knobOf(pathText(path), written) : undefined;
  if (knob) return [knob];
  if (typeof written !== 'object' || written === null) return [];
  return Object.entries(written).flatMap(([key, value]) => {
    const name = Array.isArray(written) ? (value as { name?: unknown } | null)?.name : undefined;
    const step = typeof name === 'string' ? name : Array.isArray(written) ? Number(key) : key;
    return knobsIn(value, [...path, step]);
  });
}

/** How a value is written into the scenario. */
export function written({ unit }: Knob, value: number): string {
  return `${Number(value.toPrecision(6))}${unit}`;
}

/**
 * The number that a load is most plainly turned by: VUs, or the arrival rate. Undefined where the load has several
 * executors or stages, and nobody can say which of their numbers is meant.
 */
export function loadKnobPath(load: readonly { readonly executor: string }[]): string | undefined {
  const [only, ...others] = load;
  if (!only || others.length > 0) return undefined;
  switch (only.executor) {
    case 'constant-arrival-rate':
      return 'load[0].rate';
    case 'constant-vus':
    case 'per-vu-iterations':
    case 'shared-iterations':
      return 'load[0].vus';
    default:
      return undefined;
  }
}
