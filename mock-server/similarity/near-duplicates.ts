import { distance, type SimHash, toHex } from './simhash.ts';

/** Bits in which two texts may differ and still count as the same prompt, and as the same template (`limits.md` section 4). */
export const SAME_PROMPT = 3;
export const SAME_TEMPLATE = 16;

/** Texts of the past that a new one is held against. */
const REMEMBERED = 1000;

/** Groups texts that are nearly the same, by the first of each group. */
export interface NearDuplicates {
  /** The group that a text belongs to, a new one if it is like none. */
  groupOf(hash: SimHash): string;
  reset(): void;
}

export function createNearDuplicates(most = SAME_PROMPT): NearDuplicates {
  let firsts: { readonly hash: SimHash; readonly name: string }[] = [];
  return {
    groupOf(hash) {
      const near = firsts.find((first) => distance(first.hash, hash) <= most);
      if (near) return near.name;
      const name = toHex(hash);
      firsts.push({ hash, name });
      if (firsts.length > REMEMBERED) firsts = firsts.slice(REMEMBERED / 2);
      return name;
    },
    reset() {
      firsts = [];
    },
  };
}
