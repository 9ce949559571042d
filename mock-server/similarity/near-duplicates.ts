import { distance, type SimHash, toHex } from './simhash.ts';

/** Maximum SimHash distance, in bits, of the same prompt and of the same template (`limits.md` section 4). */
export const SAME_PROMPT = 3;
export const SAME_TEMPLATE = 16;

/** Maximum number of groups that a new text is compared with. */
const MAX_GROUPS = 1000;

/** Groups near-duplicate texts by their distance to the first text of a group. */
export interface NearDuplicates {
  /** Returns the name of the group of a text; creates a new group if none is near. */
  groupOf(hash: SimHash): string;
  reset(): void;
}

export function createNearDuplicates(maxDistance = SAME_PROMPT): NearDuplicates {
  let firsts: { readonly hash: SimHash; readonly name: string }[] = [];
  return {
    groupOf(hash) {
      const near = firsts.find((first) => distance(first.hash, hash) <= maxDistance);
      if (near) return near.name;
      const name = toHex(hash);
      firsts.push({ hash, name });
      if (firsts.length > MAX_GROUPS) firsts = firsts.slice(MAX_GROUPS / 2);
      return name;
    },
    reset() {
      firsts = [];
    },
  };
}
