/**
 * Runs mutation tests, one folder at a time: `npm run mutation [file or folder …]`. Fails if the score of any folder is
 * below the threshold in stryker.config.json. Writes one report per folder to `reports/mutation/`. With `--sample 300 --seed 7`, a
 * random sample of each folder's mutants stands for all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomFor } from '../mock-server/random.ts';
import config from '../stryker.config.json' with { type: 'json' };
import { confidenceInterval, drawMutants, type MutationReport, scoreSample, toRange } from './sample-mutants.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals: requested } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const targets = requested.length > 0 ? requested.map(patternOf) : config.mutate;
const below: string[] = [];
for (const target of targets) {
  const meets =
    values.sample === undefined ? meetsThreshold(target) : await sampleMeetsThreshold(target, Number(values.sample));
  if (!meets) below.push(target);
}
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
  return runStryker(pattern, [pattern]).succeeded;
}

/** Runs Stryker on a random sample of the mutants of a pattern; prints the score, its confidence interval and the survivors. */
async function sampleMeetsThreshold(pattern: string, count: number): Promise<boolean> {
  const { drawn, total } = await drawMutants(root, [pattern], count, randomFor(Number(values.seed), pattern));
  console.error(`\n${pattern}: ${drawn.length} of ${total} mutants`);
  const { report } = runStryker(pattern, drawn.map(toRange));
  if (report === undefined) return false;
  const { noticed, timedOut, survived, ignored, missing } = scoreSample(
    drawn,
    JSON.parse(readFileSync(report, 'utf8')) as MutationReport,
  );
  const tried = noticed + survived.length;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  for (const mutant of survived) {
    console.log(
      `survived: ${mutant.file}:${mutant.start.line}:${mutant.start.column} ${mutant.mutatorName} → ${mutant.replacement}`,
    );
  }
  const [low, high] = confidenceInterval(noticed, tried);
  console.log(
    `${pattern}: ${noticed} of ${tried} noticed (${percent(noticed / tried)}, 95 % confidence ${percent(low)}–${percent(high)}); ` +
      `${timedOut} of them by time, ${ignored} not tried, ${missing} not found; seed ${values.seed}`,
  );
  return missing === 0 && 100 * (noticed / tried) >= config.thresholds.break;
}

/** Runs Stryker on files or ranges; returns whether it met its threshold, and the path of its report. */
function runStryker(pattern: string, mutate: readonly string[]): { succeeded: boolean; report: string | undefined } {
  const reports = [config.htmlReporter.fileName, config.jsonReporter.fileName].map((name) => `${root}${name}`);
  for (const report of reports) rmSync(report, { force: true });
  const { status } = spawnSync('stryker', ['run', '--mutate', mutate.join(',')], { cwd: root, stdio: 'inherit' });
  const name = pattern.replace(/\/\*\*.*|\.ts$/, '').replaceAll(/[^\w-]+/g, '-');
  const named = reports
    .filter((file) => existsSync(file))
    .map((file) => {
      const to = file.replace('mutation.', `${name}.`);
      renameSync(file, to);
      return to;
    });
  return { succeeded: status === 0, report: named.find((file) => file.endsWith('.json')) };
}
