import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readElf } from './elf.ts';
import { findExecutable } from './find-executable.ts';

/** The kernel follows this many nested script interpreters. */
const MAX_INTERPRETER_DEPTH = 4;
/** Bytes to read from the start of a file: the ELF headers of a program or the first line of a script. */
const HEAD_BYTES = 4096;
const SET_USER = 0o4000;
const SET_GROUP = 0o2000;

/**
 * Returns why a program ignores a preloaded library (`LD_PRELOAD`) such as libfaketime and so uses real time; undefined if no
 * problem is known. For a script, checks its interpreter; for `#!/usr/bin/env NAME`, the program NAME.
 */
export function findPreloadProblem(program: string, folder: string): string | undefined {
  const file = findExecutable(program, folder);
  return file === undefined ? undefined : findFileProblem(file, folder, 0);
}

function findFileProblem(file: string, folder: string, depth: number): string | undefined {
  const head = readBytes(file, 0, HEAD_BYTES);
  if (!head) return undefined;
  if (head.toString('latin1', 0, 2) === '#!' && depth < MAX_INTERPRETER_DEPTH) {
    const interpreter = findInterpreter(head.toString('utf8', 2).split('\n', 1)[0]!, folder);
    return interpreter === undefined ? undefined : findFileProblem(interpreter, folder, depth + 1);
  }
  const elf = readElf(head, (at, size) => readBytes(file, at, size));
  if (!elf) return undefined;
  if (elf.isGo) return `${file} is a Go program, which reads the time from the kernel instead of the C library`;
  if (elf.loader === undefined) return `${file} is statically linked`;
  if (changesUser(file)) return `${file} runs as another user (setuid) and ignores preloaded libraries`;
  const nodeLoader = readLoader(process.execPath);
  if (nodeLoader === undefined || basename(elf.loader) === basename(nodeLoader)) return undefined;
  return `${file} uses the loader ${basename(elf.loader)}, but libfaketime was built for ${basename(nodeLoader)}`;
}

function changesUser(file: string): boolean {
  const { mode, uid, gid } = statSync(file);
  return (
    ((mode & SET_USER) !== 0 && uid !== process.getuid?.()) || ((mode & SET_GROUP) !== 0 && gid !== process.getgid?.())
  );
}

/** Returns a program's loader, which identifies its architecture and C library. */
function readLoader(file: string): string | undefined {
  const head = readBytes(file, 0, HEAD_BYTES);
  return head && readElf(head, (at, size) => readBytes(file, at, size))?.loader;
}

/** Resolves a `#!` line; for `/usr/bin/env -S python3 -u` the file of python3. */
function findInterpreter(line: string, folder: string): string | undefined {
  const [interpreter, ...args] = line.trim().split(/\s+/);
  if (!interpreter) return undefined;
  if (basename(interpreter) !== 'env') return findExecutable(interpreter, folder);
  const name = args.find((arg) => !arg.startsWith('-') && !arg.includes('='));
  return name === undefined ? undefined : findExecutable(name, folder);
}

function readBytes(file: string, at: number, size: number): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    // Executable but not readable.
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, size, at));
  } finally {
    closeSync(descriptor);
  }
}
