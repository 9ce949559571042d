/**
 * Runs mutation tests, one folder at a time: `npm run mutation [file or folder …]`. Fails if the score of any folder is
 * below the threshold in stryker.config.json. Writes one report per folder to `reports/mutation/`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import config from '../stryker.config.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));
const requested = process.argv.slice(2);
const targets = requested.length > 0 ? requested.map(patternOf) : config.mutate;
const below = targets.filter((target) => !meetsThreshold(target));
if (below.length > 0) console.error(`Below ${config.thresholds.break} % or not run: ${below.join(', ')}`);
process.exitCode = below.length > 0 ? 1 : 0;

/** Expands a folder to all its files. */
function patternOf(target: string): string {
  const isFolder = statSync(`${root}${target}`, { throwIfNoEntry: false })?.isDirectory();
  return isFolder ? `${target.replace(/\/$/, '')}/**/*.ts` : target;
}

/** Runs Stryker on a pattern; returns whether the mutation score meets the threshold. */
function meetsThreshold(pattern: string): boolean {
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
