/**
 * Mutation testing, room by room, so that none hides behind another: `npm run mutation [file or room …]`. Fails when one
 * is below the bar in stryker.config.json. Reports under `reports/mutation/`.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import config from '../stryker.config.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const targets = asked.length > 0 ? asked : config.mutate;
const below = targets.filter((target) => !survives(target));
if (below.length > 0) console.error(`Below ${config.thresholds.break} %, or not run: ${below.join(', ')}`);
process.exitCode = below.length > 0 ? 1 : 0;

/** Whether Stryker finds enough of the mutants of a file or room killed. */
function survives(target: string): boolean {
  const folder = !target.includes('*') && statSync(`${root}${target}`, { throwIfNoEntry: false })?.isDirectory();
  const mutate = folder ? `${target.replace(/\/$/, '')}/**/*.ts` : target;
  console.error(`\n${mutate}`);
  return spawnSync('stryker', ['run', '--mutate', mutate], { cwd: root, stdio: 'inherit' }).status === 0;
}
