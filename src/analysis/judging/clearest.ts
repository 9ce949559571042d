/** So many show what is meant; more are not read. */
export const MOST_EVIDENCE = 10;

/** The few items of which `of` is largest, the largest first, equal ones in the order given; without sorting them all. */
export function clearest<Item>(items: Iterable<Item>, of: (item: Item) => number, most = MOST_EVIDENCE): Item[] {
  const best: { readonly item: Item; readonly value: number }[] = [];
  for (const item of items) {
    const value = of(item);
    if (best.length === most && !(value > best[most - 1]!.value)) continue;
    let place = best.length;
    while (place > 0 && value > best[place - 1]!.value) place--;
    best.splice(place, 0, { item, value });
    if (best.length > most) best.pop();
  }
  return best.map(({ item }) => item);
}
