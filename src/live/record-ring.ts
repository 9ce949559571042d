/** The last items of a stream, each with its place in the whole. */
export interface Ring<Item> {
  add(item: Item): void;
  /** Items so far. */
  readonly total: number;
  /** Returns at most `most` items from place `from` on, or from the first that is kept, and the place after them. */
  read(
    from: number,
    most: number,
  ): { readonly items: readonly Item[]; readonly skipped: number; readonly next: number };
  clear(): void;
}

/** Creates a ring that keeps at least the last `size` items. */
export function createRing<Item>(size: number): Ring<Item> {
  let kept: Item[] = [];
  let first = 0;
  return {
    add(item) {
      kept.push(item);
      // In one go, so that adding costs the same on average, however large the ring is.
      if (kept.length < 2 * size) return;
      first += kept.length - size;
      kept = kept.slice(-size);
    },
    get total() {
      return first + kept.length;
    },
    read(from, most) {
      const start = Math.max(from, first);
      const items = kept.slice(start - first, start - first + most);
      return { items, skipped: start - from, next: start + items.length };
    },
    clear() {
      first += kept.length;
      kept = [];
    },
  };
}
