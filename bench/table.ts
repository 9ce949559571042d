/** One measured thing and how it compares with the baseline that was measured beside it. */
export interface Row {
  readonly name: string;
  readonly perSecond: number;
  /** `perSecond` as a share of the named baseline's. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Prints rows below a title, ratios with two digits. */
export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  const longest = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, perSecond, ratios } of rows) {
    const shown = Object.entries(ratios).map(([baseline, ratio]) => `${ratio.toFixed(2)} × ${baseline}`);
    console.log(
      `  ${name.padEnd(longest)}  ${Math.round(perSecond).toLocaleString('en-US').padStart(12)}/s  ${shown.join(', ')}`,
    );
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
