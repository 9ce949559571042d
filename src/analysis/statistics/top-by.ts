/** Returns the `limit` items with the highest score, highest first; equal scores keep their order. Does not sort all items. */
export function topBy<Item>(items: Iterable<Item>, score: (item: Item) => number, limit: number): Item[] {
  const best: { readonly item: Item; readonly value: number }[] = [];
  for (const item of items) {
    const value = score(item);
    if (best.length === limit && !(value > best[limit - 1]!.value)) continue;
    let place = best.length;
    while (place > 0 && value > best[place - 1]!.value) place--;
    best.splice(place, 0, { item, value });
    if (best.length > limit) best.pop();
  }
  return best.map(({ item }) => item);
}
