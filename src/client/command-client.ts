import type { ChildProcess } from 'node:child_process';
import { callUrl } from '../../mock-server/call-path.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { CALL_TAG_HEADER } from '../../mock-server/provider-view.ts';
import { errorsOf, exitOf } from '../programs/child-output.ts';
import { commandText } from '../programs/command-text.ts';
import { type ProcessGroups, processGroups } from '../programs/process-group.ts';
import type { CommandCode } from '../scenario/scenario.ts';
import { type Call, type Client, providerEnvironment } from './client.ts';
import { type Ended, MOST_RESULT_BYTES, resultOf } from './command-result.ts';
import type { StartOptions } from './start-client.ts';

export interface CommandOptions extends Pick<StartOptions, 'url' | 'provider' | 'clock' | 'print'> {
  /** Variables of the scenario's own, over all others. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a program is told of a call, as JSON: the call, and headers that tell its requests from those of others. */
export function toldOf(call: Call): string {
  return `${JSON.stringify({ ...call, headers: { [CALL_TAG_HEADER]: String(call.id) } })}\n`;
}

/** So many calls without any result, and none before that had one: the program is not what it should be. */
const MOST_IN_VAIN = 3;

/** Output that comes after a program's end, from what it has left behind, is waited for so long. */
const LONGEST_ECHO_MS = 100;

/**
 * A program that is started anew for each call: the call is JSON on its stdin, the result JSON on its stdout. Each has a base
 * URL of its own in its environment, so that its requests are known.
 */
export async function startCommandClient(code: CommandCode, options: CommandOptions): Promise<Client> {
  const { clock } = options;
  const groups = processGroups();
  const running = new Set<ChildProcess>();
  const { promise: died, resolve: die } = Promise.withResolvers<Error>();
  let stopping = false;
  let inVain = 0;
  return {
    died,
    call: (call) =>
      new Promise((resolve) => {
        if (stopping) return;
        const startUs = clock.nowUs();
        const child = groups.start(code.command, code.folder, environmentOf(call, options));
        running.add(child);
        void lifeOf(child, call, groups, options.print).then((ended) => {
          running.delete(child);
          if (stopping) return;
          const { hasResult, ...outcome } = ended;
          inVain = hasResult ? -Infinity : inVain + 1;
          if (inVain >= MOST_IN_VAIN) die(noResults(code, outcome));
          resolve({ startUs, endUs: clock.nowUs(), ...outcome });
        });
      }),
    async stop() {
      stopping = true;
      await Promise.all([...running].map((child) => groups.end(child)));
      groups.sweep();
    },
  };
}

function environmentOf({ id }: Call, { url, provider, env }: CommandOptions): NodeJS.ProcessEnv {
  return { ...process.env, ...providerEnvironment(callUrl(url, id), provider), ...env };
}

function noResults({ command }: CommandCode, { error }: Ended): QuotaLabError {
  const message = `${commandText(command)} ${error?.message ?? 'has no result'}`;
  const hint = 'it is told of a call by JSON on stdin, and prints its result as JSON: see docs/commands.md';
  return new QuotaLabError('client/no-results', `the first ${MOST_IN_VAIN} calls of the client had no result`, {
    problems: [{ path: 'client.command', message, hint }],
  });
}

/** From a program's start to its end; resolves when it is over and nothing of its group is left. */
async function lifeOf(
  child: ChildProcess,
  call: Call,
  groups: ProcessGroups,
  print: (text: string) => void,
): Promise<Ended & { readonly hasResult: boolean }> {
  const output: Buffer[] = [];
  let size = 0;
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(toldOf(call));
  child.stdout!.on('data', (bytes: Buffer) => {
    size += bytes.length;
    if (size <= MOST_RESULT_BYTES) output.push(bytes);
    else groups.clear(child);
  });
  const errors = errorsOf(child, print);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exit = await exitOf(child);
  groups.clear(child);
  if ('cause' in exit) return failure('CannotStart', exit.cause.message);
  await allRead(child, closed);
  if (size > MOST_RESULT_BYTES) {
    return failure(
      'TooMuchOutput',
      `printed more than the ${MOST_RESULT_BYTES / 1024 / 1024} MiB that a result may have`,
    );
  }
  return resultOf(Buffer.concat(output).toString('utf8'), exit, errors());
}

function failure(name: string, message: string): Ended & { readonly hasResult: boolean } {
  return { result: 'error', error: { name, message }, hasResult: false };
}

/** Output comes through a pipe, which may hold some when the program is gone already. */
async function allRead(child: ChildProcess, closed: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LONGEST_ECHO_MS);
  await Promise.race([closed, late]);
  clearTimeout(timer);
  child.stdout!.destroy();
  child.stderr!.destroy();
}
