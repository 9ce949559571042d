/**
 * Mutation testing, room by room, so that none hides behind another: `npm run mutation [file or room …]`. Fails when one
 * is below the bar in stryker.config.json. A report for each under `reports/mutation/`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import config from '../stryker.config.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const targets = asked.length > 0 ? asked.map(patternOf) : config.mutate;
const below = targets.filter((target) => !reachesBar(target));
if (below.length > 0) console.error(`Below ${config.thresholds.break} %, or not run: ${below.join(', ')}`);
process.exitCode = below.length > 0 ? 1 : 0;

/** A folder stands for all that is in it. */
function patternOf(target: string): string {
  const isFolder = statSync(`${root}${target}`, { throwIfNoEntry: false })?.isDirectory();
  return isFolder ? `${target.replace(/\/$/, '')}/**/*.ts` : target;
}

/** Whether the tests notice enough of the mutants of these files. */
function reachesBar(pattern: string): boolean {
  console.error(`\n${pattern}`);
  const reports = [config.htmlReporter.fileName, config.jsonReporter.fileName].map((name) => `${root}${name}`);
  for (const report of reports) rmSync(report, { force: true });
  const { status } = spawnSync('stryker', ['run', '--mutate', pattern], { cwd: root, stdio: 'inherit' });
  const name = pattern.replace(/\/\*\*.*|\.ts$/, '').replaceAll(/[^\w-]+/g, '-');
  for (const report of reports.filter((file) => existsSync(file))) {
    renameSync(report, report.replace('mutation.', `${name}.`));
  }
  return status === 0;
}
