import {
  ALGORITHMS,
  type AlgorithmName,
  type AlgorithmSpec,
  algorithmNamed,
} from '../../../mock-server/limiter/algorithms.ts';
import { limiterFields } from '../../../mock-server/limiter/fields.ts';
import { keysOf } from '../../../mock-server/setting-fields.ts';

export const NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];

/** Values of settings: a rate, an amount, a duration, a period. */
const VALUES = ['5/s', 5, '1s', 'day'];

/** Returns a valid spec of an algorithm: for each required setting the first value that it accepts. */
export function sampleSpec(name: AlgorithmName): AlgorithmSpec {
  const { settings, toSpec } = algorithmNamed(name);
  const schema = keysOf(settings(limiterFields));
  const raw = Object.entries(schema.shape).flatMap(([key, field]) => {
    if (key === 'algorithm') return [[key, name]];
    if (accepts(field, undefined)) return [];
    return [[key, VALUES.find((value) => accepts(field, value))]];
  });
  return toSpec(schema.parse(Object.fromEntries(raw)));
}

function accepts(field: { safeParse(value: unknown): { success: boolean } }, value: unknown): boolean {
  return field.safeParse(value).success;
}
