import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { QuotaLabError } from '../../mock-server/error.ts';
import { type Exit, waitForExit } from '../programs/child-output.ts';
import { processGroups, type Straggler, type Variables } from '../programs/process-group.ts';
import { type EndSignal, onSignals } from '../programs/signals.ts';

/** A program that ignores a forwarded signal is killed after this; CI systems wait about ten seconds. */
const KILL_TIMEOUT_MS = 5000;

/** The end of a user's program. */
export interface ProgramEnd {
  /** Exit code as in shells: 128 + n after signal n. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  /** It failed after Ctrl-C or a forwarded signal. */
  readonly interrupted: boolean;
  /** Processes that it left running, now terminated. */
  readonly stragglers: readonly Straggler[];
}

/**
 * Runs a program attached to the user's terminal until it ends, and terminates the processes it leaves running. Ctrl-C
 * reaches it through the terminal; SIGTERM and SIGHUP are forwarded, and without a terminal SIGINT too. Throws
 * `exec/not-started`.
 */
export async function runProgram(
  command: readonly string[],
  env: Variables,
  stdout: 'inherit' | 'stderr',
): Promise<ProgramEnd> {
  const groups = processGroups();
  // Installed before the program starts: a signal may arrive at once.
  const signals = forwardSignals(() => child);
  const child = groups.startAttached(command, env, stdout);
  try {
    const { code, signal } = await waitForEnd(child, command);
    const stragglers = await groups.terminateStragglers();
    const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    return { exitCode, signal, interrupted: signals.received() && exitCode !== 0, stragglers };
  } finally {
    signals.off();
    groups.sweep();
  }
}

async function waitForEnd(child: ChildProcess, command: readonly string[]): Promise<Exit> {
  const exit = await waitForExit(child);
  if ('code' in exit) return exit;
  const { cause } = exit;
  const problems = [{ path: 'command', message: `${command[0]} could not be started: ${cause.message}` }];
  throw new QuotaLabError('exec/not-started', 'the command could not be started', { problems, cause });
}

/** Forwards signals to the program and keeps this process alive; a second signal or a timeout kills the program. */
function forwardSignals(program: () => ChildProcess): { received(): boolean; off(): void } {
  const byTerminal: readonly EndSignal[] = hasTerminal() ? ['SIGINT', 'SIGQUIT'] : [];
  let received = false;
  let killing: NodeJS.Timeout | undefined;
  const handle = (signal: EndSignal): void => {
    received = true;
    if (byTerminal.includes(signal)) return;
    program().kill(killing === undefined ? signal : 'SIGKILL');
    killing ??= setTimeout(() => program().kill('SIGKILL'), KILL_TIMEOUT_MS);
  };
  const stopListening = onSignals(['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'], handle);
  return {
    received: () => received,
    off() {
      clearTimeout(killing);
      stopListening();
    },
  };
}

/** Whether a terminal sends Ctrl-C to this process and its children. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
