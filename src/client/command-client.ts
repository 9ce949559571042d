import type { ChildProcess } from 'node:child_process';
import { callUrl } from '../../mock-server/call-path.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { CALL_TAG_HEADER } from '../../mock-server/provider-view.ts';
import { captureStderr, foldOutput, waitForExit } from '../programs/child-output.ts';
import { formatCommand } from '../programs/command-text.ts';
import { findMissingPackage } from '../programs/missing-package.ts';
import { type ProcessGroups, processGroups } from '../programs/process-group.ts';
import type { CommandCode } from '../scenario/scenario.ts';
import { type Client, type ClientCall, providerEnvironment, type StartOptions } from './client.ts';
import { type CommandOutcome, MAX_RESULT_BYTES, parseOutput } from './command-result.ts';

export interface CommandOptions extends Pick<StartOptions, 'url' | 'provider' | 'clock' | 'print'> {
  /** The scenario's variables; they override all others. */
  readonly env: Readonly<Record<string, string>>;
}

/** Formats a call as a line of JSON: the call, and the headers that tag its requests. */
export function callMessage(call: ClientCall): string {
  return `${JSON.stringify({ ...call, headers: { [CALL_TAG_HEADER]: String(call.id) } })}\n`;
}

/** Give up if this many first calls end without a result. */
const MAX_EMPTY_CALLS = 3;

/** How long to wait for pending output after a program's end. */
const DRAIN_TIMEOUT_MS = 100;

/**
 * Creates a client that starts a program for each call: the call is JSON on stdin, the result JSON on stdout. The base URL in
 * each program's environment contains the call's id, so that its requests can be attributed.
 */
export async function startCommandClient(code: CommandCode, options: CommandOptions): Promise<Client> {
  const { clock } = options;
  const groups = processGroups();
  const running = new Set<ChildProcess>();
  const output = foldOutput(options.print);
  const { promise: died, resolve: die } = Promise.withResolvers<Error>();
  let stopping = false;
  let emptyCalls = 0;
  return {
    died,
    call: (call) =>
      new Promise((resolve) => {
        if (stopping) return;
        const startUs = clock.nowUs();
        const child = groups.start(code.command, code.folder, createEnvironment(call, options));
        running.add(child);
        const shown = output.program();
        void runCall(child, call, groups, shown.print).then((ended) => {
          shown.end();
          running.delete(child);
          if (stopping) return;
          const { hasResult, ...outcome } = ended;
          emptyCalls = hasResult ? -Infinity : emptyCalls + 1;
          if (emptyCalls >= MAX_EMPTY_CALLS) die(noResultsError(code, outcome));
          resolve({ startUs, endUs: clock.nowUs(), ...outcome });
        });
      }),
    async stop() {
      stopping = true;
      await Promise.all([...running].map((child) => groups.end(child)));
      groups.sweep();
      output.close();
    },
  };
}

function createEnvironment({ id }: ClientCall, { url, provider, env }: CommandOptions): NodeJS.ProcessEnv {
  return { ...process.env, ...providerEnvironment(callUrl(url, id), provider), ...env };
}

function noResultsError({ command }: CommandCode, { error }: CommandOutcome): QuotaLabError {
  const message = `${formatCommand(command)} ${error?.message ?? 'has no result'}`;
  const hint =
    findMissingPackage(error?.message ?? '')?.install ??
    'it must read a call as JSON on stdin and print its result as JSON: see docs/commands.md';
  return new QuotaLabError('client/no-results', `the first ${MAX_EMPTY_CALLS} calls of the client had no result`, {
    problems: [{ path: 'client.command', message, hint }],
  });
}

/** Sends a call to its program and collects the output; resolves when the program's process group has ended. */
async function runCall(
  child: ChildProcess,
  call: ClientCall,
  groups: ProcessGroups,
  print: (text: string) => void,
): Promise<CommandOutcome & { readonly hasResult: boolean }> {
  const output: Buffer[] = [];
  let size = 0;
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(callMessage(call));
  child.stdout!.on('data', (bytes: Buffer) => {
    size += bytes.length;
    if (size <= MAX_RESULT_BYTES) output.push(bytes);
    else groups.clear(child);
  });
  const errors = captureStderr(child, print);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exit = await waitForExit(child);
  groups.clear(child);
  if ('cause' in exit) return failure('CannotStart', exit.cause.message);
  await drainOutput(child, closed);
  if (size > MAX_RESULT_BYTES) {
    return failure(
      'TooMuchOutput',
      `printed more than ${MAX_RESULT_BYTES / 1024 / 1024} MiB, the maximum size of a result`,
    );
  }
  return parseOutput(Buffer.concat(output).toString('utf8'), exit, errors());
}

function failure(name: string, message: string): CommandOutcome & { readonly hasResult: boolean } {
  return { result: 'error', error: { name, message }, hasResult: false };
}

/** Reads what the pipes still hold after the program's exit. */
async function drainOutput(child: ChildProcess, closed: Promise<void>): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, DRAIN_TIMEOUT_MS);
  await Promise.race([closed, timeout]);
  clearTimeout(timer);
  child.stdout!.destroy();
  child.stderr!.destroy();
}
