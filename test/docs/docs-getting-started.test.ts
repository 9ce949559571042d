/** Runs the commands of getting started in the files that it shows, in a folder of their own for each section. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fencedBlocks, ROOT } from '../../scripts/docs/fenced-blocks.ts';
import { runnableSections, runSection } from '../../scripts/docs/transcripts.ts';
import { JUDGES } from '../../src/analysis/judging/judge-run.ts';
import { METRICS } from '../../src/analysis/metrics/metrics.ts';
import { quotalabHere } from '../in-process.ts';

const PAGE = 'docs/getting-started.md';
const sections = runnableSections(readFileSync(join(ROOT, PAGE), 'utf8'), PAGE);

/** The verdicts and metrics that an output names. */
function namesIn(output: string): string[] {
  const words = new Set(output.match(/[a-z]+(?:[-_][a-z]+)+/g));
  return [...JUDGES.map(({ id }) => id as string), ...Object.keys(METRICS)].filter((name) => words.has(name));
}

it('has a section for each of the three questions', () => {
  expect(sections.map(({ title }) => title)).toEqual([
    'Guard retry logic in CI',
    'Size a quota before a deploy',
    'Tune limits and client',
  ]);
});

describe.each(sections.map((section) => [section.title, section] as const))('%s', (_, section) => {
  it('commands end as the page says, and name what it shows', async () => {
    const outcomes = await runSection(section, quotalabHere, { inTests: true });
    expect(outcomes.length).toBeGreaterThan(1);
    for (const { step, codes, output } of outcomes) {
      expect(codes, `${step.at}\n${output}`).toEqual(step.commands.map(() => step.exit));
      // The layout of an output is tested where it is made; what it names is what the page explains.
      if (step.shown && step.inTests.length === 0) {
        const named = namesIn(step.shown.block.text);
        expect(named.length, step.at).toBeGreaterThan(3);
        expect(namesIn(output), step.at).toEqual(expect.arrayContaining(named));
      }
    }
  });
});

it('README shows an excerpt of it', () => {
  const page = readFileSync(join(ROOT, PAGE), 'utf8').split('\n');
  const [excerpt] = fencedBlocks('README.md').filter(({ marker }) => marker === `excerpt of ${PAGE}`);
  const lines = excerpt!.text.split('\n').filter((line) => line !== '' && line.trim() !== '…');
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => !page.includes(line))).toEqual([]);
});
