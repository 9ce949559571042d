import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readElf } from './elf.ts';
import { findExecutable } from './find-executable.ts';

/** Scripts that name scripts that name scripts: the kernel follows four. */
const MOST_SCRIPTS = 4;
/** What is read of a file at first: the tables of a program, the first line of a script. */
const HEAD_BYTES = 4096;
const SET_USER = 0o4000;
const SET_GROUP = 0o2000;

/**
 * Why a program does not see a library that is loaded before its own (`LD_PRELOAD`), as libfaketime is, and so keeps real
 * time; undefined where nothing is known against it. A script is as its interpreter is, one of `env` as what that finds.
 */
export function preloadFault(program: string, folder: string): string | undefined {
  const file = findExecutable(program, folder);
  return file === undefined ? undefined : fileFault(file, folder, 0);
}

function fileFault(file: string, folder: string, depth: number): string | undefined {
  const head = bytesOf(file, 0, HEAD_BYTES);
  if (!head) return undefined;
  if (head.toString('latin1', 0, 2) === '#!' && depth < MOST_SCRIPTS) {
    const interpreter = interpreterOf(head.toString('utf8', 2).split('\n', 1)[0]!, folder);
    return interpreter === undefined ? undefined : fileFault(interpreter, folder, depth + 1);
  }
  const elf = readElf(head, (at, size) => bytesOf(file, at, size));
  if (!elf) return undefined;
  if (elf.isGo) return `${file} is a Go program, which asks the kernel for the time and not the C library`;
  if (elf.loader === undefined) return `${file} is statically linked`;
  if (becomesAnother(file)) return `${file} runs as another user (setuid), and loads nothing from outside`;
  const own = loaderOf(process.execPath);
  if (own === undefined || basename(elf.loader) === basename(own)) return undefined;
  return `${file} is loaded by ${basename(elf.loader)}, and the libfaketime here is for ${basename(own)}`;
}

function becomesAnother(file: string): boolean {
  const { mode, uid, gid } = statSync(file);
  return (
    ((mode & SET_USER) !== 0 && uid !== process.getuid?.()) || ((mode & SET_GROUP) !== 0 && gid !== process.getgid?.())
  );
}

/** What loads a program: it tells machine and C library. */
function loaderOf(file: string): string | undefined {
  const head = bytesOf(file, 0, HEAD_BYTES);
  return head && readElf(head, (at, size) => bytesOf(file, at, size))?.loader;
}

/** `/usr/bin/env -S python3 -u` is whatever python3 is. */
function interpreterOf(line: string, folder: string): string | undefined {
  const [interpreter, ...args] = line.trim().split(/\s+/);
  if (!interpreter) return undefined;
  if (basename(interpreter) !== 'env') return findExecutable(interpreter, folder);
  const name = args.find((arg) => !arg.startsWith('-') && !arg.includes('='));
  return name === undefined ? undefined : findExecutable(name, folder);
}

function bytesOf(file: string, at: number, size: number): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    // One may run what one cannot read.
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, size, at));
  } finally {
    closeSync(descriptor);
  }
}
