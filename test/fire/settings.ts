import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newTally, type Tally, tryScenario } from './settings/tally.ts';

/** Tries `count` drawn scenarios from a seed on. */
export async function trySettings(count: number, seed: number): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-settings-'));
  const tally = newTally();
  try {
    writeFileSync(join(folder, 'client.ts'), 'export default async () => {};\n');
    for (let index = 0; index < count; index++) await tryScenario(folder, seed * 1_000_000 + index, tally);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return tally;
}

/** `npm run fire -- settings --count 5000 --seed 7`: wrong settings in right scenarios, and whether each is named. */
export async function settings(flags: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: flags,
    options: { count: { type: 'string', default: '5000' }, seed: { type: 'string', default: '1' } },
  });
  const { failures, byKind, ...counts } = await trySettings(Number(values.count), Number(values.seed));
  for (const failure of failures.slice(0, 10)) process.stdout.write(`${failure}\n\n`);
  const { scenarios, mistakes, named, madeUp, slowestCpuMs } = counts;
  const kinds = Object.entries(byKind).map(([kind, count]) => `${count} ${kind}`);
  process.stdout.write(
    `${scenarios} scenarios, ${mistakes} wrong settings: ${named} named with line and hint in one round ` +
      `(${((100 * named) / mistakes).toFixed(3)} %), ${madeUp} problems made up, the slowest took ${Math.round(slowestCpuMs)} ms ` +
      `of processor time\n${kinds.join(', ')}\n`,
  );
  return failures.length === 0;
}
