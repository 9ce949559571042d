import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { QuotaLabError } from '../../mock-server/error.ts';
import { exitOf } from '../programs/child-output.ts';
import { type LeftBehind, processGroups, type Variables } from '../programs/process-group.ts';
import type { Exit } from './command-result.ts';

/** A program that was told to end, and does not, is killed after this: CI systems give about ten seconds. */
const LONGEST_END_MS = 5000;

/** How a program of the user's own ended. */
export interface ProgramEnd {
  /** As shells tell it: 128 and the signal's number for one that was killed. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  /** It failed after a Ctrl-C, or after a signal to this process that was passed on. */
  readonly interrupted: boolean;
  /** What it had left running, which is ended. */
  readonly left: readonly LeftBehind[];
}

/**
 * Runs a program with the user's own terminal until it ends, and ends what it leaves running. Ctrl-C reaches it by the
 * terminal, and what it makes of that is its own; SIGTERM and SIGHUP are passed on, and SIGINT where no terminal can have
 * sent it. Throws `exec/not-started`.
 */
export async function runProgram(
  command: readonly string[],
  env: Variables,
  stdout: 'inherit' | 'stderr',
): Promise<ProgramEnd> {
  const groups = processGroups();
  // Heard before there is a program: it may be up, and somebody's signal be sent, before this process goes on.
  const signals = passOn(() => child);
  const child = groups.startAttached(command, env, stdout);
  try {
    const { code, signal } = await ended(child, command);
    const left = await groups.dismiss();
    const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    return { exitCode, signal, interrupted: signals.came() && exitCode !== 0, left };
  } finally {
    signals.off();
    groups.sweep();
  }
}

async function ended(child: ChildProcess, command: readonly string[]): Promise<Exit> {
  const exit = await exitOf(child);
  if ('code' in exit) return exit;
  const { cause } = exit;
  const problems = [{ path: 'command', message: `${command[0]} does not start: ${cause.message}` }];
  throw new QuotaLabError('exec/not-started', 'the command could not be started', { problems, cause });
}

/** Keeps this process alive while signals end the program; whoever asks twice, or waits too long, has it killed. */
function passOn(program: () => ChildProcess): { came(): boolean; off(): void } {
  const byTerminal: readonly NodeJS.Signals[] = hasTerminal() ? ['SIGINT', 'SIGQUIT'] : [];
  let came = false;
  let killing: NodeJS.Timeout | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    came = true;
    if (byTerminal.includes(signal)) return;
    program().kill(killing === undefined ? signal : 'SIGKILL');
    killing ??= setTimeout(() => program().kill('SIGKILL'), LONGEST_END_MS);
  };
  const all: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'];
  for (const signal of all) process.on(signal, handle);
  return {
    came: () => came,
    off() {
      clearTimeout(killing);
      for (const signal of all) process.off(signal, handle);
    },
  };
}

/** Whether there is a terminal that sends Ctrl-C to this process and to what it has started. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
