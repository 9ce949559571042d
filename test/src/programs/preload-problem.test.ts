import { chmodSync, copyFileSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findPreloadProblem } from '../../../src/programs/preload-problem.ts';
import { describeWith, PYTHON } from '../../real-parts.ts';

interface Part {
  readonly type: number;
  readonly bytes: Buffer;
}

const INTERPRETER = 3;
const NOTE = 4;
const text = (type: number, what: string): Part => ({ type, bytes: Buffer.from(what, 'latin1') });
const note = (owner: string, type: number, what: string): Buffer => {
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const head = Buffer.alloc(12);
  for (const [index, value] of [owner.length, what.length, type].entries()) head.writeUInt32LE(value, index * 4);
  return Buffer.concat([head, padded(Buffer.from(owner, 'latin1')), padded(Buffer.from(what, 'latin1'))]);
};

/** A program of tables only: header, table of parts, parts. */
function elf(parts: readonly Part[]): Buffer {
  const head = Buffer.alloc(64);
  head.write('\u007fELF', 0, 'latin1');
  head[4] = 2;
  head[5] = 1;
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(parts.length, 56);
  let at = 64 + 56 * parts.length;
  const table = parts.map(({ type, bytes }) => {
    const entry = Buffer.alloc(56);
    entry.writeUInt32LE(type, 0);
    entry.writeBigUInt64LE(BigInt(at), 8);
    entry.writeBigUInt64LE(BigInt(bytes.length), 32);
    at += bytes.length;
    return entry;
  });
  return Buffer.concat([head, ...table, ...parts.map(({ bytes }) => bytes)]);
}

let folder = '';

/** Returns the preload problem of a program with these bytes, without its folder. */
function findProblem(bytes: Buffer | string): string | undefined {
  const file = join(folder, 'program');
  writeFileSync(file, bytes);
  chmodSync(file, 0o755);
  return findPreloadProblem('./program', folder)?.replaceAll(`${folder}/`, '');
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-preload-'));
});

const GNU = note('GNU\0', 3, 'x'.repeat(20));
const GO = note('Go\0\0', 4, 'wnWST0hslfaQ/xLG9y0HDN3XRY');
// The loader of this Node, so that the program uses the same C library.
const LOADER = '/lib64/ld-linux-x86-64.so.2\0';

describe.runIf(process.platform === 'linux')('programs that ignore a preloaded library', () => {
  it.each([
    ['without a loader', elf([text(1, 'code')]), 'program is statically linked'],
    ['without parts', elf([]), 'program is statically linked'],
    [
      'Go, with a loader',
      elf([text(INTERPRETER, LOADER), { type: NOTE, bytes: Buffer.concat([GNU, GO]) }]),
      'program is a Go program, which reads the time from the kernel instead of the C library',
    ],
    [
      'Go, statically linked',
      elf([{ type: NOTE, bytes: GO }]),
      'program is a Go program, which reads the time from the kernel instead of the C library',
    ],
    [
      'of another C library',
      elf([text(INTERPRETER, '/lib/ld-nobody.so.1\0')]),
      expect.stringMatching(/^program uses the loader ld-nobody.so.1, but libfaketime was built for ld-/),
    ],
    ['a text', 'echo hello\n', undefined],
    ['cut off in its table', elf([text(INTERPRETER, LOADER)]).subarray(0, 80), 'program is statically linked'],
    ['cut off in its head', elf([]).subarray(0, 40), undefined],
    ['a script without an interpreter', '#!\n', undefined],
    ['a script whose interpreter is missing', '#!/nobody/has/this\n', undefined],
    ['a script that is its own interpreter', '#!./program\n', undefined],
  ])('%s', (_name, bytes, expected) => {
    expect(findProblem(bytes)).toEqual(expected);
  });

  it('checks the interpreter of a script, also through env', () => {
    const other = join(folder, 'static');
    writeFileSync(other, elf([]));
    chmodSync(other, 0o755);
    for (const line of [
      `#!${other}`,
      `#! ${other} -u`,
      `#!/usr/bin/env ${other}`,
      `#!/usr/bin/env -S A=1 ${other} -x`,
    ]) {
      expect(findProblem(`${line}\nprint(1)\n`), line).toBe('static is statically linked');
    }
    expect(findProblem('#!/usr/bin/env sh\n')).toBeUndefined();
  });

  it('accepts this Node and a copy of it', () => {
    expect(findPreloadProblem(process.execPath, folder)).toBeUndefined();
    copyFileSync(process.execPath, join(folder, 'copy'));
    expect(findPreloadProblem('./copy', folder)).toBeUndefined();
  });

  it('ignores a missing program', () => {
    expect(findPreloadProblem('nobody-has-this', folder)).toBeUndefined();
  });

  it.runIf(existsSync('/sbin/ldconfig'))("Debian's ldconfig is statically linked", () => {
    expect(findPreloadProblem('/sbin/ldconfig', folder)).toBe('/sbin/ldconfig is statically linked');
  });
});

describeWith(['python3-aiohttp'], 'Python loads it', () => {
  it('found by its path', () => expect(findPreloadProblem(PYTHON, folder)).toBeUndefined());
});

describeWith(['golang-go'], 'Go does not load it', () => {
  it('Go itself is a Go program', () => expect(findPreloadProblem('go', folder)).toMatch(/is a Go program/));
});
