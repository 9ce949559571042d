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
 * Prints what runs take of memory: `npm run fire -- memory --hours 24 --model-hours 168`, with `--kept` for runs that keep their
 * records. Resolves with whether their records took no more per call than `MAX_BYTES_PER_CALL`.
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
    ['virtual', Number(values.hours)],
    ['model', Number(values['model-hours'])],
  ] as const) {
    for (const part of [hours / 8, hours]) {
      const { calls, attempts, recordsBytes, peakBytes } = await measureMemory(time, part, values.kept);
      const perCall = Math.round(recordsBytes / calls);
      held &&= perCall <= MAX_BYTES_PER_CALL;
      process.stdout.write(
        `${time} ${part} h: ${calls} calls, ${attempts} attempts; records ${mb(recordsBytes)} MB (${perCall} bytes a call), peak ${mb(peakBytes)} MB\n`,
      );
    }
  }
  return held;
}

const mb = (bytes: number): number => Math.round(bytes / 1e6);
