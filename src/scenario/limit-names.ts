import type { Limit } from '../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../mock-server/admission/limit-rate.ts';
import { formatPeriod } from '../../mock-server/quantity.ts';

/** A limit, and whether its name was given; otherwise it is that of the unit. */
export interface NamedLimit {
  readonly limit: Limit;
  readonly isGiven: boolean;
}

/** A limit whose name an earlier limit has. */
interface RepeatedName {
  /** Index of the entry that it comes from. */
  readonly index: number;
  readonly isGiven: boolean;
  readonly message: string;
  /** A name that no limit has. */
  readonly unused: string;
}

/** More and more of what tells limits of one unit apart. */
const LONG_NAMES: readonly ((limit: Limit) => string)[] = [
  withPeriod,
  (limit) => `${withPeriod(limit)} per ${limit.scope.join(' and ')}`,
  (limit) => `${withPeriod(limit)} ${limit.spec.algorithm}`,
  (limit) => `${withPeriod(limit)} per ${limit.scope.join(' and ')} ${limit.spec.algorithm}`,
];

/**
 * Names limits of one unit apart that were given no name, by the period, and the scope or the algorithm as far as needed:
 * `requests/10s` and `requests/min`. Limits that differ in none of these keep the name of the unit. `entries` are the limits of
 * each entry of a list, of which a profile has several.
 */
export function nameApart(entries: readonly (readonly NamedLimit[])[]): NamedLimit[][] {
  const all = entries.flat();
  const countOf = (name: string, nameOf: (one: NamedLimit) => string): number =>
    all.filter((one) => nameOf(one) === name).length;
  return entries.map((own) =>
    own.map((one) => {
      const { limit, isGiven } = one;
      if (isGiven || countOf(limit.name, (other) => other.limit.name) === 1) return one;
      const long = LONG_NAMES.find(
        (name) => countOf(name(limit), (other) => (other.isGiven ? other.limit.name : name(other.limit))) === 1,
      );
      return long ? { isGiven, limit: { ...limit, name: long(limit) } } : one;
    }),
  );
}

function withPeriod({ unit, spec }: Limit): string {
  const periodUs = sustainedRate(spec)?.periodUs ?? ('windowUs' in spec ? spec.windowUs : undefined);
  return periodUs === undefined ? unit : `${unit}/${formatPeriod(periodUs)}`;
}

/** Finds limits that share a name: buckets go by the name of their limit, so the second would never be charged. */
export function findRepeatedNames(entries: readonly (readonly NamedLimit[])[]): RepeatedName[] {
  const names = new Set<string>();
  const all = new Set(entries.flatMap((limits) => limits.map(({ limit }) => limit.name)));
  return entries.flatMap((limits, index) =>
    limits.flatMap(({ limit: { name }, isGiven }): RepeatedName[] => {
      if (!names.has(name)) {
        names.add(name);
        return [];
      }
      return [{ index, isGiven, message: `duplicate limit name ${name}`, unused: unusedName(name, all) }];
    }),
  );
}

function unusedName(name: string, taken: Set<string>): string {
  let number = 2;
  while (taken.has(`${name}-${number}`)) number++;
  taken.add(`${name}-${number}`);
  return `${name}-${number}`;
}
