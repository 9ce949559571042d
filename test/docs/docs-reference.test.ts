/** The references are what their generators write, and show every key in an example. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pages, ROOT } from '../../scripts/docs/fenced-blocks.ts';
import { commandsPage } from '../../scripts/reference/commands-page.ts';
import { SCENARIO_EXAMPLES } from '../../scripts/reference/scenario-examples.ts';
import { scenarioPage, scenarioSections } from '../../scripts/reference/scenario-page.ts';

const page = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** Every path to a value, with `[]` for each entry of a list: `load[].vus`. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((one) => pathsIn(one, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, one]) => pathsIn(one, path === '' ? key : `${path}.${key}`))];
}

describe('docs/reference/scenario.md', () => {
  it('is what npm run reference writes', () => {
    expect(page('docs/reference/scenario.md')).toBe(scenarioPage());
  });

  it.each(scenarioSections().map((section) => [section.title, section] as const))('%s', (title, { about, rows }) => {
    expect(about, 'says what the block is').not.toBe('');
    const undescribed = rows.filter((row) => row.about === '' || row.type.startsWith('any value'));
    expect(undescribed.map(({ path }) => path)).toEqual([]);
    if (title === 'thresholds' || title === 'verdicts') return;
    // Files of fixtures are read beside the scenario, of which there is none here.
    const isShown = (path: string): boolean => shown.has(path) || path === 'provider.answer.fixtures';
    const block = title === 'The file' ? '' : title.split(':')[0]!;
    const shown = new Set(
      Object.values(SCENARIO_EXAMPLES)
        .flat()
        .flatMap((example) => pathsIn(parse(example))),
    );
    const own = new Set(SCENARIO_EXAMPLES[title]!.flatMap((example) => pathsIn(parse(example))));
    const at = (path: string): string => (block === '' ? path : `${block}.${path}`);
    expect(rows.map(({ path }) => at(path)).filter((path) => !isShown(path))).toEqual([]);
    expect(rows.map(({ path }) => at(path)).some((path) => own.has(path))).toBe(true);
  });

  it('has no example without a section', () => {
    const titles = scenarioSections().map(({ title }) => title);
    expect(Object.keys(SCENARIO_EXAMPLES).filter((title) => !titles.includes(title))).toEqual([]);
  });
});

it('docs/reference/commands.md is what npm run reference writes', () => {
  expect(page('docs/reference/commands.md')).toBe(commandsPage());
});

describe('links', () => {
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/`/g, '')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
  const anchorsOf = (text: string): string[] =>
    [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading!));

  it('lead to files and headings that exist', () => {
    const broken = pages().flatMap((name) => {
      const text = page(name).replace(/^ *```[\s\S]*?^ *```/gm, '');
      return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
        if (/^[a-z]+:/.test(target!)) return [];
        const [file, anchor] = target!.split('#') as [string, string?];
        const path = file === '' ? name : join(name, '..', file);
        const leads = existsSync(join(ROOT, path)) && (anchor === undefined || anchorsOf(page(path)).includes(anchor));
        return leads ? [] : [`${name}: ${target}`];
      });
    });
    expect(broken).toEqual([]);
  });
});
