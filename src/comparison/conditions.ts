import { Temporal } from 'temporal-polyfill';
import { formatDuration } from '../../mock-server/duration.ts';
import { textHash } from '../../mock-server/text-hash.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { HeaderRecord } from '../journal/record.ts';
import type { GatewaySettings } from '../scenario/scenario.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a client was measured under: all of a scenario but the client itself, its seed, and what is asked of it
 * (thresholds, verdicts). Runs are compared where these are the same.
 */
export interface Conditions {
  readonly name: string;
  readonly time: string;
  /** In scaled time: how many times as fast clocks ran. */
  readonly speed?: number;
  /** Where clocks jump: what they show at the start. */
  readonly start?: string;
  readonly load: Json;
  readonly call: Json;
  /** Limits by name; answers that are long stand here as a hash. */
  readonly provider: { readonly [key: string]: Json };
  /** What stood before the provider: its command, its variables as hashes, its configuration with a hash of the text. */
  readonly gateway?: Json;
}

/** One condition that differs; paths as in the scenario, values in words. */
export interface ConditionDifference {
  readonly path: string;
  readonly base: string;
  readonly candidate: string;
}

/** Longer ones stand as a hash, so that a baseline stays readable. */
const LONGEST_TEXT = 240;

export function conditionsOf({ scenario }: Pick<HeaderRecord, 'scenario'>): Conditions {
  const { name, time, speed, startUs, load, call, provider, gateway } = scenario;
  const { seed: _seed, keys: _keys, keyNames: _names, limits, ...rest } = provider;
  const isScaled = time === 'scaled' && speed !== undefined;
  const starts = !isRepeatable(time)
    ? {}
    : { start: Temporal.Instant.fromEpochMilliseconds(startUs / 1000).toString() };
  return {
    name,
    time,
    ...(isScaled && { speed }),
    ...starts,
    load: json(load),
    call: json(call),
    provider: {
      limits: json(Object.fromEntries(limits.map(({ name: limit, ...how }) => [limit, how]))),
      ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, short(json(value))])),
    },
    ...(gateway && { gateway: gatewayConditions(gateway) }),
  };
}

function gatewayConditions({ command, config, env }: GatewaySettings): Json {
  const { written, hash } = config ?? {};
  return json({ command, env, ...(config && { config: { file: written, hash } }) });
}

/** As it stands in a file: without what is undefined. */
function json(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}

function short(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_TEXT ? value : `hash ${textHash(text)}`;
}

/** Every condition that is not the same, in the order of the base. */
export function differencesOf(base: Conditions, candidate: Conditions): ConditionDifference[] {
  const [before, after] = [leavesOf(base as unknown as Json), leavesOf(candidate as unknown as Json)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => ({ path, base: before.get(path) ?? 'not set', candidate: after.get(path) ?? 'not set' }));
}

/** Every value by its path, microseconds as durations. */
function leavesOf(value: Json, path = ''): Map<string, string> {
  if (value === null || typeof value !== 'object') {
    const isDuration = path.endsWith('Us') && typeof value === 'number';
    return new Map([[path.replace(/Us$/, ''), isDuration ? formatDuration(value) : String(value)]]);
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return new Map([[path, 'none']]);
  const isList = Array.isArray(value);
  return new Map(
    entries.flatMap(([key, inner]) => [
      ...leavesOf(inner as Json, isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
    ]),
  );
}
