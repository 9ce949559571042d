import type { ChildProcess } from 'node:child_process';
import { QuotaLabError } from '../../mock-server/error.ts';
import { errorsOf, exitOf } from '../programs/child-output.ts';
import { commandText } from '../programs/command-text.ts';
import { type ProcessGroups, processGroups } from '../programs/process-group.ts';
import type { CommandCode } from '../scenario/scenario.ts';
import { type Call, type CallOutcome, type Client, providerEnvironment } from './client.ts';
import { type CommandOptions, toldOf } from './command-client.ts';
import { type Ended, endedWith, exitText, MOST_RESULT_BYTES, withShown } from './command-result.ts';

/** One process of the program, and the calls that it was told of and has not answered. */
interface Worker {
  readonly child: ChildProcess;
  readonly pending: Map<number, (ended: Ended) => void>;
  /** Whether it has answered anything. */
  useful: boolean;
}

/** So many processes in a row that ended without an answer: the program is not what it should be. */
const MOST_IN_VAIN = 3;

/**
 * A program that goes on from call to call: one line of JSON in for each call, one line out for each result, by the call's
 * `id`, several at a time. One that ends is started anew; the calls that it had are failures named `WorkerDied`.
 */
export async function startWorkerClient(code: CommandCode, options: CommandOptions): Promise<Client> {
  const { url, provider, env, clock, print } = options;
  const groups = processGroups();
  const variables = { ...process.env, ...providerEnvironment(url, provider), ...env };
  const { promise: died, resolve: die } = Promise.withResolvers<Error>();
  let stopping = false;
  let inVain = 0;

  function start(place: number): Worker {
    const worker: Worker = {
      child: groups.start(code.command, code.folder, variables),
      pending: new Map(),
      useful: false,
    };
    void lifeOf(worker, groups, print).then((why) => {
      if (stopping) return;
      inVain = worker.useful ? 0 : inVain + 1;
      // The next calls find the new one; those of this one hear why there will be no answer.
      if (inVain < MOST_IN_VAIN) workers[place] = start(place);
      else die(diesAtOnce(code, why));
      for (const settle of worker.pending.values()) {
        settle({ result: 'error', error: { name: 'WorkerDied', message: why } });
      }
    });
    return worker;
  }
  const workers = Array.from({ length: code.workers }, (_, place) => start(place));

  return {
    died,
    call: (call: Call) =>
      new Promise<CallOutcome>((resolve) => {
        const startUs = clock.nowUs();
        const worker = workers.reduce((least, one) => (one.pending.size < least.pending.size ? one : least));
        worker.pending.set(call.id, (ended) => {
          inVain = 0;
          if (!stopping) resolve({ startUs, endUs: clock.nowUs(), ...ended });
        });
        worker.child.stdin!.write(toldOf(call));
      }),
    async stop() {
      stopping = true;
      for (const { child } of workers) child.stdin!.end();
      await Promise.all(workers.map(({ child }) => groups.end(child)));
      groups.sweep();
    },
  };
}

function diesAtOnce({ command }: CommandCode, why: string): QuotaLabError {
  const hint =
    'with protocol: worker it reads one line of JSON for each call until its stdin ends: see docs/commands.md';
  return new QuotaLabError('client/exited', `the client ended ${MOST_IN_VAIN} times without a single result`, {
    problems: [{ path: 'client.command', message: `${commandText(command)} ${why}`, hint }],
  });
}

/** Takes a worker's answers until it ends; resolves with the reason, when nothing of its group is left. */
async function lifeOf(worker: Worker, groups: ProcessGroups, print: (text: string) => void): Promise<string> {
  const { child } = worker;
  let line = '';
  let tooLong = false;
  child.stdin!.on('error', () => undefined);
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (line + text).split('\n');
    line = lines.pop()!;
    for (const whole of lines) take(worker, whole, print);
    if (line.length <= MOST_RESULT_BYTES) return;
    tooLong = true;
    line = '';
    groups.clear(child);
  });
  const errors = errorsOf(child, print);
  const exit = await exitOf(child);
  groups.clear(child);
  if ('cause' in exit) return `could not be started: ${exit.cause.message}`;
  if (tooLong) return `printed a line longer than the ${MOST_RESULT_BYTES / 1024 / 1024} MiB that a result may have`;
  return withShown(exitText(exit), line, errors());
}

/** A line that is no answer is shown: nobody else would ever see it. */
function take(worker: Worker, line: string, print: (text: string) => void): void {
  const answer = answerIn(line);
  const settle = answer && worker.pending.get(answer.id);
  if (!answer || !settle) {
    if (line.trim() !== '') print(`${line}\n`);
    return;
  }
  worker.pending.delete(answer.id);
  worker.useful = true;
  settle(endedWith('result' in answer ? answer.result : answer));
}

/** An id may be a text: shells and templates know no numbers. */
function answerIn(line: string): { readonly id: number; readonly result?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const { id } = Object(value) as { readonly id?: unknown };
    return typeof id === 'number' || (typeof id === 'string' && id !== '')
      ? { ...(value as object), id: Number(id) }
      : undefined;
  } catch {
    return undefined;
  }
}
