import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { matcherSamples } from '../scripts/matcher-samples.ts';
import { batteryTable } from '../scripts/write-battery.ts';
import { FIGURES } from '../src/analysis/metrics/figures.ts';
import { parseAllowances } from '../src/comparison/allowance.ts';
import { CHARTS } from '../src/report/charts/charts.ts';
import { matchers } from '../src/testing/index.ts';

const root = new URL('..', import.meta.url);
const page = (name: string): string => readFileSync(new URL(name, root), 'utf8');

it('docs/vitest.md documents every matcher with its current message', async () => {
  const text = page('docs/vitest.md');
  const sections = [...text.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(Object.keys(matchers));
  for (const [name, sample] of Object.entries(await matcherSamples())) {
    expect(text).toContain(`<!-- sample: ${name} -->\n\`\`\`\n${sample.trim()}\n\`\`\``);
  }
});

it('docs/check.md lists every situation', () => {
  expect(page('docs/check.md')).toContain(`<!-- rows -->\n${batteryTable()}\n\n`);
});

it('docs/compare.md shows valid allowances and complete transcripts', () => {
  const text = page('docs/compare.md');
  const allowed = [...text.matchAll(/`--allow '([^']+)'`/g)].map(([, allowance]) => allowance!);
  expect(allowed.length).toBeGreaterThan(5);
  expect(() => parseAllowances('5%', allowed)).not.toThrow();
  for (const { name } of FIGURES.filter(({ better }) => better === 'more')) expect(text).toContain(name.split(' ')[0]);
  expect(text.match(/\n {2}HOW SURE THIS IS\n/g)).toHaveLength(2);
});

it('every entry point of the package is documented', () => {
  const { exports } = JSON.parse(page('package.json')) as { exports: Record<string, unknown> };
  const entryPoints = Object.keys(exports).filter((name) => name !== './package.json');
  const docs = [
    'README.md',
    ...readdirSync(new URL('docs', root))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ]
    .map(page)
    .join('\n');
  expect(entryPoints.length).toBeGreaterThan(3);
  expect(entryPoints.filter((name) => !docs.includes(`quotalab${name.slice(1)}`))).toEqual([]);
});

it('docs/reports.md says what every chart answers', () => {
  const files = CHARTS.map(({ file }) => file);
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter((file) => !page('docs/reports.md').includes(`| \`${file}\` |`))).toEqual([]);
});
