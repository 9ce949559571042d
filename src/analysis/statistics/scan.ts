/**
 * Returns the scan statistic of items: the most of them whose values lie within any window of this length, as a list in order of
 * value (Naus 1965).
 */
export function densestWindow<Item>(
  items: readonly Item[],
  read: (item: Item) => number,
  window: number,
): readonly Item[] {
  const sorted = items.toSorted((a, b) => read(a) - read(b));
  let densest: readonly Item[] = [];
  for (let first = 0, last = 0; first < sorted.length; first++) {
    while (last < sorted.length && read(sorted[last]!) - read(sorted[first]!) <= window) last++;
    if (last - first > densest.length) densest = sorted.slice(first, last);
  }
  return densest;
}
