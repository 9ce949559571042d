/**
 * Things that come and go by the thousand, in no order. A `Set` would do, but whenever a set makes room anew, what it held
 * then stays in memory until the next full collection, and with it all that those things hold.
 */
export class Bag<Item extends { place: number }> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    item.place = this.#items.push(item) - 1;
  }

  /** Whether it was in. */
  delete(item: Item): boolean {
    const { place } = item;
    if (this.#items[place] !== item) return false;
    const last = this.#items.pop()!;
    if (last !== item) {
      this.#items[place] = last;
      last.place = place;
    }
    return true;
  }

  /** All that are in now. */
  all(): readonly Item[] {
    return [...this.#items];
  }
}
