/**
 * Regenerates the samples in the README and docs/: charts, transcripts and matcher messages; `npm run samples`. Words as
 * arguments make only the charts of these scenarios; `pages` makes only what is text.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { matcherSamples } from './matcher-samples.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);

/** Charts shown in the docs: command, scenario, expected exit code and chart files. */
const PICTURES: readonly (readonly [command: string, scenario: string, status: number, ...files: string[]])[] = [
  ['run', 'article', 0, 'load.png', 'latency.png', 'bucket.png'],
  ['plan', 'article', 0, 'plan.png'],
  ['run', 'undici', 0, 'load.png', 'backoff.png', 'timeline.png'],
  ['run', 'saturation', 0, 'load.png', 'bucket.png'],
  ['run', 'article-python', 99, 'backoff.png', 'load.png'],
  ['run', 'article-locust', 0, 'load.png'],
  ['run', 'article-nginx', 0, 'load.png'],
  ['run', 'article-spacing', 0, 'load.png', 'latency.png'],
];

function charts(): void {
  for (const [command, scenario, expected, ...files] of PICTURES) {
    if (wanted.length > 0 && !wanted.includes(scenario)) continue;
    const samples = `${root}reports/samples/${scenario}`;
    mkdirSync(samples, { recursive: true });
    const { status } = quotalab(root, command, scenario);
    if (status !== expected)
      throw new Error(`quotalab ${command} ${scenario}: exit code ${status}, expected ${expected}`);
    for (const file of files) copyFileSync(`${root}reports/${scenario}/${file}`, `${samples}/${file}`);
  }
}

function quotalab(cwd: string, ...args: string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [`${root}bin/quotalab.mjs`, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Replaces the block that follows `<!-- sample: NAME -->` in a page. */
function fill(page: string, samples: Readonly<Record<string, string>>): void {
  const file = `${root}docs/${page}`;
  let text = readFileSync(file, 'utf8');
  for (const [name, sample] of Object.entries(samples)) {
    const [before, after] = text.split(`<!-- sample: ${name} -->\n\`\`\`\n`);
    if (after === undefined) throw new Error(`docs/${page}: missing <!-- sample: ${name} -->`);
    const rest = after.slice(after.indexOf('```'));
    text = `${before}<!-- sample: ${name} -->\n\`\`\`\n${sample.replace(/^\n+|\s+$/g, '')}\n${rest}`;
  }
  writeFileSync(file, text);
}

/** Sample comparisons of the `patient` scenario with and without its queue. */
function comparisons(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-samples-'));
  const run = (...args: string[]): string => {
    const { status, stdout } = quotalab(folder, 'run', 'patient', '-q', '--no-charts', ...BRIEF, ...args);
    if (status !== 0 && status !== 99) throw new Error(`quotalab run patient: exit code ${status}`);
    return stdout;
  };
  const compared = (stdout: string): string => stdout.slice(stdout.lastIndexOf('\n  patient  '));
  run('--baseline', 'baseline.json', '--update-baseline');
  const one = compared(run('--baseline', 'baseline.json', ...NO_QUEUE));
  run('--seeds', '5', '-o', 'before');
  run('--seeds', '5', '-o', 'after', '--set', 'client.module=../naive/client.ts');
  const several = quotalab(folder, 'compare', 'before', 'after').stdout;
  return { 'run --baseline': one, compare: several };
}

const BRIEF = ['--set', 'load[0].duration=10m'];
const NO_QUEUE = ['--set', 'client.module=../article/client.ts'];

charts();
if (wanted.length === 0 || wanted.includes('pages')) {
  fill('compare.md', comparisons());
  fill('vitest.md', await matcherSamples());
}
