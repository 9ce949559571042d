/**
 * Holds the product to the fire: `npm run fire -- kill --count 200 --seed 7`. The test suite has a few cases of each fire with
 * fixed seeds. Prints figures and ends with 1 if something did not hold.
 */
import { disk } from './disk.ts';
import { type Fire, printFire } from './fire.ts';
import { kill } from './kill.ts';
import { limiters } from './limiters.ts';
import { memory } from './memory.ts';
import { requests } from './requests.ts';
import { settings } from './settings.ts';
import { soakFire } from './soak.ts';

const atInstants =
  (fire: Fire) =>
  (flags: string[]): Promise<boolean> =>
    printFire(fire, flags);

/** Each takes its flags and resolves with whether everything held. */
const FIRES: Readonly<Record<string, (flags: string[]) => Promise<boolean>>> = {
  kill: atInstants(kill),
  disk: atInstants(disk),
  settings,
  limiters,
  requests,
  memory,
  soak: soakFire,
};

const [name = '', ...flags] = process.argv.slice(2);
if (Object.hasOwn(FIRES, name)) {
  process.exitCode = (await FIRES[name]!(flags)) ? 0 : 1;
} else {
  process.stderr.write(`name one of ${Object.keys(FIRES).join(', ')}\n`);
  process.exitCode = 2;
}
