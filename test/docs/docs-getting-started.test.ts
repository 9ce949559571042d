/** Runs the commands of getting started in the files that it shows, in a folder of their own for each section. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fencedBlocks, ROOT } from '../../scripts/docs/fenced-blocks.ts';
import { runnableSections, runSection } from '../../scripts/docs/transcripts.ts';
import { quotalabHere } from '../in-process.ts';

const PAGE = 'docs/getting-started.md';
const sections = runnableSections(readFileSync(join(ROOT, PAGE), 'utf8'), PAGE);

it('has a section for each of the three questions', () => {
  expect(sections.map(({ title }) => title)).toEqual([
    'Guard retry logic in CI',
    'Size a quota before a deploy',
    'Tune limits and client',
  ]);
});

describe.each(sections.map((section) => [section.title, section] as const))('%s', (_, section) => {
  it('commands end as the page says, and print what it shows', async () => {
    const outcomes = await runSection(section, quotalabHere, { inTests: true });
    expect(outcomes.length).toBeGreaterThan(1);
    for (const { step, codes, output } of outcomes) {
      expect(codes, `${step.at}\n${output}`).toEqual(step.commands.map(() => step.exit));
      if (step.shown && step.inTests.length === 0) expect(`${output}\n`, step.at).toBe(step.shown.block.text);
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
