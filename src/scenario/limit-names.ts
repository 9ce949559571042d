import type { Limit } from '../../mock-server/admission/limit.ts';

/** A limit whose name an earlier limit has. */
interface RepeatedName {
  /** Index of the entry that it comes from. */
  readonly index: number;
  /** Whether the name was given; otherwise it is that of the unit. */
  readonly isGiven: boolean;
  readonly message: string;
  /** A name that no limit has. */
  readonly unused: string;
}

/**
 * Finds limits that share a name: buckets go by the name of their limit, so the second would never be charged. `entries` are
 * the limits of each entry of a list, of which a profile has several.
 */
export function findRepeatedNames(entries: readonly (readonly Limit[])[]): RepeatedName[] {
  const names = new Set<string>();
  const all = new Set(entries.flatMap((limits) => limits.map(({ name }) => name)));
  return entries.flatMap((limits, index) =>
    limits.flatMap(({ name, unit }): RepeatedName[] => {
      if (!names.has(name)) {
        names.add(name);
        return [];
      }
      return [
        { index, isGiven: name !== unit, message: `duplicate limit name ${name}`, unused: unusedName(name, all) },
      ];
    }),
  );
}

function unusedName(name: string, taken: Set<string>): string {
  let number = 2;
  while (taken.has(`${name}-${number}`)) number++;
  taken.add(`${name}-${number}`);
  return `${name}-${number}`;
}
