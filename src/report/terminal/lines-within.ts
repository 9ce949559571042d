/** One thing to show, as lines: each entry says more than the one before it. The first is what is shown at the least. */
export type Levels = readonly [readonly string[], ...(readonly string[])[]];

/**
 * Returns the lines of all items in at most `most`: each at its least, then as much as fits, of the first item before the
 * others. If even the least is too long, the last items are only counted; `more` words that.
 */
export function linesWithin(items: readonly Levels[], most: number, more: (count: number) => string): string[] {
  const levels = items.map(() => 0);
  const lengthOf = (given: readonly number[]): number =>
    items.reduce((sum, item, index) => sum + item[given[index]!]!.length, 0);
  const raise = (index: number, level: number): void => {
    const item = items[index]!;
    if (level < item.length && lengthOf(levels.with(index, level)) <= most) levels[index] = level;
  };
  const deepest = Math.max(0, ...items.map((item) => item.length));
  for (let level = 1; level < (items[0]?.length ?? 0); level++) raise(0, level);
  for (let level = 1; level < deepest; level++) for (let index = 1; index < items.length; index++) raise(index, level);
  let shown = items.length;
  while (shown > 1 && lengthOf(levels) - cutLength(items, levels, shown) > most) shown--;
  const lines = items.slice(0, shown).flatMap((item, index) => [...item[levels[index]!]!]);
  return shown === items.length ? lines : [...lines, more(items.length - shown)];
}

/** Lines that are saved by showing only the first items; the line that counts the others costs one. */
function cutLength(items: readonly Levels[], levels: readonly number[], shown: number): number {
  const saved = items.slice(shown).reduce((sum, item, index) => sum + item[levels[shown + index]!]!.length, 0);
  return shown === items.length ? 0 : saved - 1;
}
