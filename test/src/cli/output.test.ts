import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/create-program.ts';
import { createLineFold } from '../../../src/cli/fold-lines.ts';
import { leafCommands } from '../../../src/cli/output-flags.ts';
import { createProgressLine, partsWithin } from '../../../src/cli/progress.ts';
import { colorOf } from '../../../src/cli/terminal.ts';

const FLAGS = ['--color', '--no-color', '--quiet', '--json'];

describe('every command has the flags about output', () => {
  const commands = leafCommands(createProgram()).filter((command) => command.name() !== 'help');

  it('there are as many as one thinks', () => {
    expect(commands.length).toBeGreaterThan(12);
  });

  it.each(commands.map((command) => [`${command.parent!.name()} ${command.name()}`, command] as const))(
    '%s',
    (_name, command) => {
      expect(FLAGS.filter((flag) => !command.options.some(({ long }) => long === flag))).toEqual([]);
    },
  );
});

it.each([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['a terminal with NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, true, true],
  ['a pipe with FORCE_COLOR', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ['both', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
])('colours in %s', (_name, env, isTTY, expected) => {
  expect(colorOf(env, isTTY)).toBe(expected);
});

describe('progress', () => {
  const output = (isTTY: boolean, columns: number) => {
    const written: string[] = [];
    const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
    return { written, stream: stream as unknown as NodeJS.WriteStream };
  };

  it('drops the last parts that do not fit, and cuts the first', () => {
    const parts = ['1m40s', '1214 calls ended', '2721 attempts'];
    expect(partsWithin(parts, 80)).toBe('1m40s · 1214 calls ended · 2721 attempts');
    expect(partsWithin(parts, 30)).toBe('1m40s · 1214 calls ended');
    expect(partsWithin(parts, 3)).toBe('1m4');
  });

  it('a terminal: one line that is rewritten within the width, and removed at the end', () => {
    const { written, stream } = output(true, 40);
    const line = createProgressLine(false, stream);
    line.show('x'.repeat(100));
    line.clear();
    line.clear();
    expect(written).toEqual([`\r\u001b[K  ${'x'.repeat(37)}`, '\r\u001b[K']);
  });

  it('a pipe: nothing for the first seconds; --quiet: nothing at all', () => {
    for (const [isTTY, quiet] of [
      [false, false],
      [true, true],
    ] as const) {
      const { written, stream } = output(isTTY, 80);
      const line = createProgressLine(quiet, stream);
      line.show('busy');
      line.clear();
      expect(written).toEqual([]);
    }
  });
});

it('folds what a client prints again and again: three lines of a form, then a count', () => {
  const fold = createLineFold();
  const lines = Array.from({ length: 250 }, (_, call) => `429 refused, waiting ${1000 + call} ms (call ${call})\n`);
  const shown = fold.take(`started\n${lines.join('')}`) + fold.take('done\n');
  expect(shown).toBe(`started\n${lines.slice(0, 3).join('')}done\n`);
  expect(fold.rest()).toBe('×247 more like: 429 refused, waiting 1000 ms (call 0)\n');
  expect(fold.rest()).toBe('');
});
