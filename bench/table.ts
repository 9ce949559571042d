/** A measurement and its ratios to baselines of the same run. */
export interface Row {
  readonly name: string;
  readonly amount: number;
  readonly unit: string;
  /** `amount` as a share of the named baseline's. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Prints a title and its rows, ratios with two decimals. */
export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  const longest = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, amount, unit, ratios } of rows) {
    const shown = Object.entries(ratios).map(([baseline, ratio]) => `${ratio.toFixed(2)} × ${baseline}`);
    console.log(`  ${name.padEnd(longest)}  ${formatAmount(amount).padStart(12)} ${unit}  ${shown.join(', ')}`);
  }
}

/** Formats a number as an integer, or with one decimal below 10. */
function formatAmount(amount: number): string {
  return amount < 10 ? amount.toFixed(1) : Math.round(amount).toLocaleString('en-US');
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
