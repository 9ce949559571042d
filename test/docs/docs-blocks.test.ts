/** Every command, scenario and program that a page shows is one that the tool takes. */

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { argumentsIn, problemWith, shellLines } from '../../scripts/docs/command-lines.ts';
import { fencedBlocks, inlineCodes, pages, ROOT } from '../../scripts/docs/fenced-blocks.ts';
import { createProgram } from '../../src/cli/create-program.ts';
import { documentsIn, isFragment, problemsOf } from './scenario-fragments.ts';

const all = pages();
const blocks = all.flatMap(fencedBlocks);
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));

describe('commands', () => {
  const inBlocks = blocks.flatMap(({ at, language, text }) =>
    // A comment of YAML explains; one of a shell follows its command.
    shellLines(text).map((line) => ({ at, line: language === 'yaml' ? line.replace(/#.*/, '') : line })),
  );
  // The name of a command alone stands for the command in text.
  const inText = all
    .flatMap(inlineCodes)
    .map(({ at, code }) => ({ at, line: /^(npx )?quotalab [a-z]+$/.test(code) ? `${code} --help` : code }));
  const commands = [...inBlocks, ...inText].flatMap(({ at, line }) => {
    const words = argumentsIn(line);
    return words ? [{ at, words }] : [];
  });

  it('are found in blocks and in text', () => {
    expect(argumentsIn("npx quotalab run x.yaml --set 'a=b c' --seed 2   # twice")).toEqual([
      'run',
      'x.yaml',
      '--set',
      'a=b c',
      '--seed',
      '2',
    ]);
    expect(argumentsIn('zcat spans.json.gz | quotalab analyze - > out')).toEqual(['analyze', '-']);
    expect(argumentsIn('quotalab: the gateway exited')).toBeUndefined();
    expect(commands.length).toBeGreaterThan(100);
  });

  it('are taken by the command line', async () => {
    const refused: string[] = [];
    for (const { at, words } of commands) {
      const problem = await problemWith(words);
      if (problem !== undefined) refused.push(`${at} quotalab ${words.join(' ')}: ${problem}`);
    }
    expect(refused).toEqual([]);
  });

  it('a wrong flag would be found', async () => {
    expect(await problemWith(['run', 'x.yaml', '--sed', '2'])).toContain('--sed');
    expect(await problemWith(['sweep', 'x.yaml', 'y.yaml'])).toContain('too many arguments');
  });

  it('scripts of npm exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = blocks.flatMap(({ at, text }) =>
      [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => ({ at, name })),
    );
    const inPages = all
      .flatMap(inlineCodes)
      .flatMap(({ at, code }) => [...code.matchAll(/^npm run ([\w:-]+)/g)].map(([, name]) => ({ at, name })));
    expect([...named, ...inPages].filter(({ name }) => !(name! in scripts))).toEqual([]);
  });
});

describe('flags in text', () => {
  /** Flags of other programs. */
  const FOREIGN = /^--(users|spawn-rate|run-time|exit-code-on-error|stop-timeout|csv|max-time|password)$/;
  const known = new Set(
    [createProgram(), ...createProgram().commands.flatMap((command) => [command, ...command.commands])]
      .flatMap(({ options }) => options.map(({ long }) => long!))
      .concat('--help'),
  );

  it('exist', () => {
    const flags = all.flatMap(inlineCodes).flatMap(({ at, code }) => {
      const [flag] = /^--[a-z][a-z-]*/.exec(code) ?? [];
      return flag === undefined ? [] : [{ at, flag }];
    });
    expect(flags.length).toBeGreaterThan(40);
    expect(flags.filter(({ flag }) => !known.has(flag) && !FOREIGN.test(flag))).toEqual([]);
  });
});

describe('YAML', () => {
  const scenarios = inLanguage('yaml').filter(({ marker }) => marker !== 'not a scenario');

  it('is a scenario or part of one, or says that it is not', () => {
    expect(scenarios.length).toBeGreaterThan(40);
    const wrong = scenarios.flatMap(({ at, text }) =>
      documentsIn(text).flatMap((document) => {
        if (!isFragment(document)) return [`${at} is no part of a scenario`];
        return problemsOf(document).map((problem) => `${at} ${problem}`);
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('that is no scenario parses', () => {
    for (const { text } of inLanguage('yaml')) expect(() => documentsIn(text)).not.toThrow();
  });

  it('a wrong key would be found', () => {
    expect(problemsOf({ provider: { limits: [{ refill: '5/s', burts: 5 }] } })).toEqual([
      expect.stringContaining('burts'),
    ]);
    expect(problemsOf({ thresholds: { call_fialed: 'rate<0.01' } })).toEqual([expect.stringContaining('call_fialed')]);
  });
});

describe('programs and data', () => {
  it('TypeScript and JavaScript parse', () => {
    const wrong = inLanguage('ts', 'js').flatMap(({ at, text }) => {
      try {
        stripTypeScriptTypes(text.replaceAll('{ … }', '{}').replaceAll('…', 'etc'));
        return [];
      } catch (error) {
        return [`${at}: ${(error as Error).message}`];
      }
    });
    expect(wrong).toEqual([]);
  });

  it('imports name what the package exports', async () => {
    const doors: Readonly<Record<string, object>> = {
      quotalab: await import('../../src/index.ts'),
      'quotalab/mock-server': await import('../../src/mock-server.ts'),
      'quotalab/msw': await import('../../mock-server/msw.ts'),
      'quotalab/vitest': await import('../../src/testing/vitest.ts'),
      'quotalab/matchers': await import('../../src/testing/index.ts'),
    };
    const imports = inLanguage('ts', 'js').flatMap(({ at, text }) =>
      [...text.matchAll(/^import \{([^}]*)\} from '(quotalab[^']*)'/gm)].flatMap(([, names, door]) =>
        names!.split(',').map((name) => ({ at, name: name.trim().split(' as ')[0]!, door: door! })),
      ),
    );
    expect(imports.length).toBeGreaterThan(10);
    const values = imports.filter(({ name }) => name !== '' && !name.startsWith('type '));
    expect(values.filter(({ name, door }) => !(name in (doors[door] ?? {})))).toEqual([]);
  });

  it('JSON and JSON lines parse', () => {
    const wrong = inLanguage('json').filter(({ text }) => {
      const isJson = (part: string): boolean => {
        try {
          parse(part, { schema: 'json' });
          return true;
        } catch {
          return false;
        }
      };
      return !isJson(text) && !text.trim().split('\n').every(isJson);
    });
    expect(wrong).toEqual([]);
  });
});
