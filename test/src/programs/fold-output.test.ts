import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { foldOutput } from '../../../src/programs/child-output.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TRACE = ['Traceback (most recent call last):\n', "ModuleNotFoundError: No module named 'aiohttp'\n"];

it('twenty programs that fail alike are shown once, and counted', () => {
  const shown: string[] = [];
  const output = foldOutput((text) => shown.push(text));
  const programs = Array.from({ length: 20 }, () => output.program());
  // All at once, line by line.
  for (const line of TRACE) for (const program of programs) program.print(line);
  for (const program of programs) program.end();
  output.close();
  expect(shown).toEqual([TRACE.join(''), 'quotalab: 19 more programs printed the same\n']);
});

it('what differs is shown, and a program that lasts is shown as it prints', () => {
  const shown: string[] = [];
  const output = foldOutput((text) => shown.push(text));
  const [short, other, long] = [output.program(), output.program(), output.program()];
  short.print('call 1\n');
  other.print('call 2\n');
  long.print('waiting');
  short.end();
  other.end();
  expect(shown).toEqual(['call 1\n', 'call 2\n']);
  vi.advanceTimersByTime(1000);
  expect(shown.slice(2)).toEqual(['waiting']);
  long.print(' on\n');
  expect(shown.slice(3)).toEqual([' on\n']);
  long.end();
  output.close();
  expect(shown).toHaveLength(4);
});

it('a program that prints much is shown before it ends, whole', () => {
  const shown: string[] = [];
  const output = foldOutput((text) => shown.push(text));
  const program = output.program();
  for (let line = 0; line < 300; line++) program.print(`line ${line}: ${'x'.repeat(20)}\n`);
  expect(shown.length).toBeGreaterThan(1);
  program.end();
  expect(shown.join('').split('\n')).toHaveLength(301);
});
