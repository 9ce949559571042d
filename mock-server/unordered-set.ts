/**
 * An unordered collection for thousands of short-lived items. A `Set` would retain memory: each time it grows, its old table
 * keeps every item reachable until the next full garbage collection.
 */
export class UnorderedSet<Item extends { index: number }> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    item.index = this.#items.push(item) - 1;
  }

  /** Returns whether the item was present. */
  delete(item: Item): boolean {
    const { index } = item;
    if (this.#items[index] !== item) return false;
    const last = this.#items.pop()!;
    if (last !== item) {
      this.#items[index] = last;
      last.index = index;
    }
    return true;
  }

  /** A snapshot of the current items. */
  all(): readonly Item[] {
    return [...this.#items];
  }
}
