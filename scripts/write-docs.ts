/**
 * Makes every page anew that takes no long measurement: the outputs of getting started by running its commands, errors, metrics,
 * situations and the references; `npm run docs`. Words as arguments run only the sections with such a title.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksIn, ROOT } from './docs/fenced-blocks.ts';
import { cut, type Quotalab, runnableSections, runSection, withOutputs } from './docs/transcripts.ts';

const PAGE = 'docs/getting-started.md';
const wanted = process.argv.slice(2);

const quotalab: Quotalab = (args, { cwd, env }) => {
  process.stderr.write(`quotalab ${args.join(' ')}\n`);
  const child = spawn(process.execPath, [join(ROOT, 'bin/quotalab.mjs'), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
};

const text = readFileSync(join(ROOT, PAGE), 'utf8');
const outcomes = [];
for (const section of runnableSections(text, PAGE)) {
  if (wanted.length > 0 && !wanted.some((word) => section.title.includes(word))) continue;
  outcomes.push(...(await runSection(section, quotalab, { inTests: false })));
}
for (const { step, codes, output } of outcomes) {
  if (codes.every((code) => code === step.exit)) continue;
  process.stderr.write(`${step.at}: exit code ${codes.join(', ')}, not ${step.exit}\n${output}\n`);
  process.exitCode = 1;
}
const written = withOutputs(text, outcomes);
writeFileSync(join(ROOT, PAGE), written);
writeExcerpt(written);
for (const page of ['errors', 'metrics', 'reference', 'battery', 'schema']) await import(`./write-${page}.ts`);

/** README shows the start and the end of the first output. */
function writeExcerpt(page: string): void {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [excerpt] = blocksIn(readme, 'README.md').filter(({ marker }) => marker === `excerpt of ${PAGE}`);
  const [first] = blocksIn(page, PAGE).filter(({ marker }) => marker?.startsWith('output'));
  const shown = cut(first!.text.trimEnd(), 'first 7, last 2');
  writeFileSync(join(ROOT, 'README.md'), `${readme.slice(0, excerpt!.from)}${shown}\n${readme.slice(excerpt!.until)}`);
}
