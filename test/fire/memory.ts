import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { MemoryUse } from './memory-run.ts';

const RUN = fileURLToPath(new URL('./memory-run.ts', import.meta.url));

/** What the records of a call may take while a run goes on: its row and those of its attempts. */
export const MAX_BYTES_PER_CALL = 500;

/** Runs one call a second for some hours in a process of its own. `kept`: as the API runs it, whose result has the records. */
export async function measureMemory(time: string, hours: number, kept = false): Promise<MemoryUse> {
  const args = ['--expose-gc', RUN, time, String(hours), ...(kept ? ['kept'] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as MemoryUse;
}

/**
 * Prints what runs take of memory, quarter by quarter, and whether a second run gives the same journal: `npm run fire -- memory
 * --hours 24 --model-hours 168`, with `--kept` for runs that keep their records. Resolves with whether the records took no more
 * per call than `MAX_BYTES_PER_CALL`, and both journals were the same.
 */
export async function memory(flags: string[]): Promise<boolean> {
  const options = {
    hours: { type: 'string', default: '24' },
    'model-hours': { type: 'string', default: '168' },
    kept: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: flags, options });
  let held = true;
  for (const [time, hours] of [
    ['model', Number(values['model-hours'])],
    ['virtual', Number(values.hours)],
  ] as const) {
    if (hours === 0) continue;
    const startMs = performance.now();
    const first = await measureMemory(time, hours, values.kept);
    const seconds = Math.round((performance.now() - startMs) / 1000);
    process.stdout.write(`${time} ${hours} h in ${seconds} s\n${formatMemory(first)}`);
    const again = await measureMemory(time, hours, values.kept);
    const isSame = first.hash === again.hash;
    process.stdout.write(`  journal ${first.hash}, ${isSame ? 'the same again' : `then ${again.hash}`}\n`);
    held &&= isSame && first.quarters.length === 4 && recordBytesPerCall(first) <= MAX_BYTES_PER_CALL;
  }
  return held;
}

/** What all records took at the end of the run, by its calls. */
export const recordBytesPerCall = ({ quarters, calls }: MemoryUse): number => quarters.at(-1)!.recordsBytes / calls;

function formatMemory(use: MemoryUse): string {
  const { calls, attempts, quarters, analysedBytes, peakBytes } = use;
  const columns = quarters.map(
    ({ recordsBytes, residentBytes }, index) => `${25 * (index + 1)} %: ${mb(recordsBytes)} of ${mb(residentBytes)}`,
  );
  return (
    `  ${calls} calls, ${attempts} attempts\n` +
    `  MB of records of MB of the process, after ${columns.join(', ')}\n` +
    `  ${Math.round(recordBytesPerCall(use))} bytes a call in records, ${Math.round(analysedBytes / calls)} with the analysis; ` +
    `peak ${mb(peakBytes)} MB\n`
  );
}

const mb = (bytes: number): number => Math.round(bytes / 1e6);
