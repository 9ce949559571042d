import { Temporal } from 'temporal-polyfill';
import { formatDuration } from '../../mock-server/duration.ts';
import { textHash } from '../../mock-server/hash.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { HeaderRecord } from '../journal/record.ts';
import type { GatewaySettings } from '../scenario/scenario.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The conditions of a measurement: the scenario without the client, the seed, thresholds and verdicts. Only runs with equal
 * conditions are comparable.
 */
export interface Conditions {
  readonly name: string;
  readonly time: string;
  /** Clock speed factor in scaled time. */
  readonly speed?: number;
  /** Start of the clock in virtual time. */
  readonly start?: string;
  readonly load: Json;
  readonly call: Json;
  /** Provider settings; limits by name, long values as hashes. */
  readonly provider: { readonly [key: string]: Json };
  /** The gateway: command, environment variables as hashes, configuration with a hash of its text. */
  readonly gateway?: Json;
}

/** One condition that differs. Paths as in the scenario, values formatted. */
export interface ConditionDifference {
  readonly path: string;
  readonly base: string;
  readonly candidate: string;
}

/** Longer values are stored as a hash, so that a baseline stays readable. */
const MAX_TEXT_CHARS = 240;

/** Returns the conditions of a run. */
export function extractConditions({ scenario }: Pick<HeaderRecord, 'scenario'>): Conditions {
  const { name, time, speed, startUs, load, call, provider, gateway } = scenario;
  const { seed: _seed, keys: _keys, keyNames: _names, limits, ...rest } = provider;
  const isScaled = time === 'scaled' && speed !== undefined;
  const start = !isRepeatable(time)
    ? {}
    : { start: Temporal.Instant.fromEpochMilliseconds(Math.floor(startUs / 1000)).toString() };
  return {
    name,
    time,
    ...(isScaled && { speed }),
    ...start,
    load: toJson(load),
    call: toJson(call),
    provider: {
      limits: toJson(Object.fromEntries(limits.map(({ name: limit, ...settings }) => [limit, settings]))),
      ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, shorten(toJson(value))])),
    },
    ...(gateway && { gateway: gatewayConditions(gateway) }),
  };
}

function gatewayConditions({ command, config, env }: GatewaySettings): Json {
  const { written, hash } = config ?? {};
  return toJson({ command, env, ...(config && { config: { file: written, hash } }) });
}

/** Converts to JSON data, without undefined values. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}

function shorten(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length <= MAX_TEXT_CHARS ? value : `hash ${textHash(text)}`;
}

/** Returns every condition that differs, in the order of the base. */
export function findConditionDifferences(base: Conditions, candidate: Conditions): ConditionDifference[] {
  const [before, after] = [flatten(base as unknown as Json), flatten(candidate as unknown as Json)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => ({ path, base: before.get(path) ?? 'not set', candidate: after.get(path) ?? 'not set' }));
}

/** Returns every leaf value by its path; microseconds as durations. */
function flatten(value: Json, path = ''): Map<string, string> {
  if (value === null || typeof value !== 'object') {
    const isDuration = path.endsWith('Us') && typeof value === 'number';
    return new Map([[path.replace(/Us$/, ''), isDuration ? formatDuration(value) : String(value)]]);
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return new Map([[path, 'none']]);
  const isList = Array.isArray(value);
  return new Map(
    entries.flatMap(([key, inner]) => [
      ...flatten(inner as Json, isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
    ]),
  );
}
