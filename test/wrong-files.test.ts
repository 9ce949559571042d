import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { outcomeOf } from './in-process.ts';

/**
 * Whatever file, folder or flag a user gives to a command: one sentence and the exit code of wrong input. In this process, since
 * there are hundreds of them.
 */
const folder = mkdtempSync(join(tmpdir(), 'quotalab-wrong-'));
const path = (name: string): string => join(folder, name);

const BOMB = `a: &a [x, x, x, x, x, x, x, x, x]
${'bcdefghij'
  .split('')
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`)
  .join('\n')}
`;

/** By name: what makes the file wrong. */
const FILES: Readonly<Record<string, () => void>> = {
  missing: () => undefined,
  empty: () => writeFileSync(path('empty'), ''),
  'a-folder': () => mkdirSync(path('a-folder')),
  'a-folder.ts': () => mkdirSync(path('a-folder.ts')),
  'a-folder.yaml': () => mkdirSync(path('a-folder.yaml')),
  'a-folder.jsonl': () => mkdirSync(path('a-folder.jsonl')),
  binary: () => writeFileSync(path('binary'), Buffer.from([0, 1, 2, 255, 254, 10, 0, 27, 91])),
  'latin-1.yaml': () => writeFileSync(path('latin-1.yaml'), Buffer.from('name: caf\xe9\n', 'latin1')),
  'utf-16.yaml': () => writeFileSync(path('utf-16.yaml'), Buffer.from('\uFEFFname: x\n', 'utf16le')),
  'bom.json': () => writeFileSync(path('bom.json'), '\uFEFF{"version":1}'),
  'huge-line': () => writeFileSync(path('huge-line'), 'x'.repeat(5_000_000)),
  'bomb.yaml': () => writeFileSync(path('bomb.yaml'), BOMB),
  'cyclic.yaml': () => writeFileSync(path('cyclic.yaml'), 'name: x\nload: &l [*l]\nprovider: &p { answer: *p }\n'),
  'deep.yaml': () => writeFileSync(path('deep.yaml'), '['.repeat(20_000)),
  'deep.json': () => writeFileSync(path('deep.json'), `${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  'null.json': () => writeFileSync(path('null.json'), 'null'),
  'list.json': () => writeFileSync(path('list.json'), '[]'),
  'half.json': () => writeFileSync(path('half.json'), '{"version":'),
  'version.json': () => writeFileSync(path('version.json'), '{"version":1,"rows":null,"seeds":[]}'),
  'tabs.yaml': () => writeFileSync(path('tabs.yaml'), 'name: x\n\tload: 1\n'),
  'keys.yaml': () => writeFileSync(path('keys.yaml'), '? [a, b]\n: 1\n? { c: d }\n: 2\n__proto__: 3\nconstructor: 4\n'),
  'tags.yaml': () => writeFileSync(path('tags.yaml'), 'name: !!js/function "x"\nload: !!binary "=="\n'),
  'merge.yaml': () => writeFileSync(path('merge.yaml'), 'name: x\n<<: 7\nload: { <<: [1] }\n'),
  'throws.ts': () => writeFileSync(path('throws.ts'), 'function deep() { throw new Error("own") }\ndeep();\n'),
  'syntax.ts': () => writeFileSync(path('syntax.ts'), 'export default {{{'),
  'client-folder.yaml': () =>
    writeFileSync(
      path('client-folder.yaml'),
      'name: x\nclient: { module: ./a-folder.ts }\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]\n',
    ),
  'fixtures-folder.yaml': () =>
    writeFileSync(
      path('fixtures-folder.yaml'),
      'name: x\nclient: { model: naive }\nprovider: { answer: { fixtures: [a-folder, binary, null.json, missing] } }\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]\n',
    ),
  'a-link': () => symlinkSync(path('nowhere'), path('a-link')),
  'a-loop': () => symlinkSync(path('a-loop'), path('a-loop')),
  'a-round': () => {
    mkdirSync(path('a-round'));
    symlinkSync(path('a-round'), join(path('a-round'), 'again'));
    symlinkSync(path('nowhere'), join(path('a-round'), 'dead.json'));
  },
  'control\u001b[31m': () => writeFileSync(path('control\u001b[31m'), '\u001b[2J'),
};

beforeAll(() => {
  for (const make of Object.values(FILES)) make();
});
const STACK = /^\s+at .*[:(].*\d|unexpected|node:internal|TypeError|RangeError|ReferenceError/m;

async function expectOneSentence(words: readonly string[]): Promise<void> {
  const { code, text } = await outcomeOf(words);
  expect({ words, code, text: STACK.test(text) ? text : '' }).toEqual({ words, code: 2, text: '' });
  expect(text.length).toBeGreaterThan(10);
}

const OUT = ['--out', path('out')];

/** The commands that read a file, by its place in their words. */
const COMMANDS: Readonly<Record<string, (file: string) => string[]>> = {
  run: (file) => ['run', file, '--quiet', ...OUT],
  validate: (file) => ['validate', file],
  plan: (file) => ['plan', file, ...OUT],
  sweep: (file) => ['sweep', file, '--vary', 'load[0].vus=1..2', ...OUT],
  export: (file) => ['export', 'locust', file],
  report: (file) => ['report', file, ...OUT],
  fingerprint: (file) => ['fingerprint', file],
  analyze: (file) => ['analyze', file, ...OUT],
  'analyze --scenario': (file) => ['analyze', path('empty'), '--scenario', file, ...OUT],
  'compare, base': (file) => ['compare', file, path('missing')],
  'compare, candidate': (file) => ['compare', path('null.json'), file],
  'run --baseline': (file) => ['run', 'naive', '--set', 'time=model', '--quiet', '--baseline', file, ...OUT],
  check: (file) => ['check', file, '--quiet', '--only', 'retry-after'],
  'check --gateway': (file) => ['check', path('missing.ts'), '--gateway', file, '--quiet', '--only', 'retry-after'],
  'exec --scenario': (file) => ['exec', '--scenario', file, ...OUT, '--', 'true'],
  'serve --scenario': (file) => ['serve', '--port', '0', '--scenario', file],
};

describe.each(Object.entries(COMMANDS))('%s', (_command, wordsFor) => {
  it.each(Object.keys(FILES))('%j', async (name) => {
    await expectOneSentence(wordsFor(path(name)));
  });
});

describe('flags', () => {
  const FLAGS: readonly string[][] = [
    ['run', 'naive', '--seed', 'abc'],
    ['run', 'naive', '--seeds', '-1'],
    ['run', 'naive', '--set', 'load'],
    ['run', 'naive', '--set', 'load[0]=[1'],
    ['run', 'naive', '--set', '__proto__.x=1'],
    ['run', 'naive', '--set', `load[0].vus=${BOMB}`],
    ['run', 'naive', '--set', 'load=&l [*l]'],
    ['run', 'naive', '--allow', 'x', '--baseline', path('null.json')],
    ['run', 'naive', '--junit', path('a-folder'), ...OUT],
    ['run', 'naive', '--out', path('empty')],
    ['run', 'naive', '--nonsense'],
    ['serve', '--port', '99999999'],
    ['serve', '--limit', '\u001b[31m'],
    ['serve', '--fault', '{'],
    ['serve', '--fault', '&a [*a]'],
    ['serve', '--set', 'limits=&l [*l]', '--port', '0'],
    ['exec', '--', path('missing')],
    ['exec', '--', path('a-folder')],
    ['exec', '--limit', 'x', '--', 'true'],
    ['check', path('missing.ts'), '--args', '{'],
    ['check', path('a-folder.ts'), '--quiet'],
    ['check', path('throws.ts'), '--quiet'],
    ['check', path('syntax.ts'), '--quiet'],
    ['check', '--only', 'nonsense', path('empty')],
    ['sweep', 'naive', '--vary', 'x'],
    ['plan', 'naive', '--vary', 'x[9].y'],
    ['analyze', path('empty'), '--map', 'x=y'],
    ['analyze', path('empty'), '--log-format', '$'],
    ['analyze', path('empty'), '--marker', 'x'],
    ['compare', path('null.json'), path('null.json'), '--allowance', 'x'],
    ['export', 'locust', 'naive', '--out', path('a-folder') + '/x/y.py'],
    ['frobnicate'],
    ['export', 'jmeter'],
  ];

  it.each(FLAGS.map((words) => [words.join(' ').slice(0, 60), words] as const))('%j', async (_, words) => {
    await expectOneSentence(words);
  });
});
