/** Two permits for all calls, which a call keeps while it backs off. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.ts';

let free = 2;
const waiting: (() => void)[] = [];

export default async function permitted({ load }: { load?: string }): Promise<string> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await ask(load === 'sick' ? 'please fail' : 'hello');
      } catch (error) {
        if (tries === 4) throw error;
        await sleep(1000 * 2 ** tries);
      }
    }
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free++;
  }
}
