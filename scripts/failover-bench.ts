/**
 * Runs Failover Bench's own runner against QuotaLab: `npm run failover-bench -- PATH [SYSTEM …]`, by default its two control
 * rows side by side, three minutes in real time. Fails if a control row differs from the published one.
 */
import { type BenchRow, runBenchSystem } from './failover-bench-rows.ts';

/** As published on 12 September 2026. */
const PUBLISHED: Readonly<Record<string, string>> = { direct: '4/0/12/0', reference: '16/0/0/0' };

const [path, ...named] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: npm run failover-bench -- PATH [SYSTEM …], with the sources of Failover Bench in PATH');
  process.exit(2);
}

const rows = await Promise.all(
  (named.length > 0 ? named : Object.keys(PUBLISHED)).map((system) =>
    runBenchSystem({ path, system, print: (line) => console.log(`${system.padEnd(10)} ${line}`) }),
  ),
);

for (const row of rows) console.log(formatRow(row));
process.exitCode = rows.every(({ system, counts }) => counts === (PUBLISHED[system] ?? counts)) ? 0 : 1;

function formatRow({ system, counts, seconds }: BenchRow): string {
  const published = PUBLISHED[system];
  const note = published === undefined ? '' : `, published: ${published}`;
  return `${system}: pass/partial/safe/fail ${counts} in ${seconds} s${note}`;
}
