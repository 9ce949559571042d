/** One measured thing and how it compares with the baseline that was measured beside it. */
export interface Row {
  readonly name: string;
  readonly amount: number;
  readonly unit: string;
  /** `amount` as a share of the named baseline's. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Prints rows below a title, ratios with two digits. */
export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  const longest = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, amount, unit, ratios } of rows) {
    const shown = Object.entries(ratios).map(([baseline, ratio]) => `${ratio.toFixed(2)} × ${baseline}`);
    console.log(`  ${name.padEnd(longest)}  ${figure(amount).padStart(12)} ${unit}  ${shown.join(', ')}`);
  }
}

/** Whole above ten, one digit below. */
function figure(amount: number): string {
  return amount < 10 ? amount.toFixed(1) : Math.round(amount).toLocaleString('en-US');
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
