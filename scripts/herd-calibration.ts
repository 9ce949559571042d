/** The calibration of synchronised-herd for docs/verdicts.md: how often chance alone makes a cohort look like a herd. */
import { randomFor } from '../mock-server/random.ts';
import { median } from '../src/analysis/statistics/percentile.ts';
import { densestWindow } from '../src/analysis/statistics/scan.ts';

/** Waits in seconds from a number in [0, 1). */
const JITTERS: Readonly<Record<string, (draw: number) => number>> = {
  'full (0 to 1 s)': (draw) => draw,
  'equal (0.5 to 1 s)': (draw) => 0.5 + draw / 2,
  'minus up to 25 % (0.75 to 1 s)': (draw) => 1 - draw / 4,
  none: () => 1,
};
const SIZES = [8, 15, 20];
const SPREADS_S = [0, 0.15, 0.3, 0.6, 1];
const HERD_SHARE = 0.8;

/** Returns a table: for each jitter and spread of the refusals, the share of cohorts whose waits are in step (S ≥ 0.8). */
export function herdCalibration(seeds: number): string {
  const head = `| jitter | members | ${SPREADS_S.map((spread) => `D = ${spread} s`).join(' | ')} |\n|---|---|${'---|'.repeat(SPREADS_S.length)}\n`;
  const rows = Object.keys(JITTERS).flatMap((name) =>
    SIZES.map((size) => {
      const cells = SPREADS_S.map((spread) => `${(100 * shareInStep(name, size, spread, seeds)).toFixed(1)} %`);
      return `| ${name} | ${size} | ${cells.join(' | ')} |\n`;
    }),
  );
  return head + rows.join('');
}

function shareInStep(jitter: string, size: number, spreadS: number, seeds: number): number {
  let inStep = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const random = randomFor(seed, `${jitter} ${size} ${spreadS}`);
    const members = Array.from({ length: size }, () => {
      const refusedS = random() * spreadS;
      return { refusedS, returnS: refusedS + JITTERS[jitter]!(random()) };
    });
    const waits = members.map(({ refusedS, returnS }) => returnS - refusedS);
    const windowS = Math.min(1, Math.max(0.02, 0.1 * median(waits)));
    const returns = members.map(({ returnS }) => returnS);
    const most = Math.max(...[waits, returns].map((values) => densestWindow(values, (value) => value, windowS).length));
    if (most >= HERD_SHARE * size) inStep++;
  }
  return inStep / seeds;
}
