import type { ChildProcess } from 'node:child_process';
import { QuotaLabError } from '../../mock-server/error.ts';
import { captureStderr, describeExit, foldOutput, waitForExit } from '../programs/child-output.ts';
import { formatCommand } from '../programs/command-text.ts';
import { findMissingPackage } from '../programs/missing-package.ts';
import { type ProcessGroups, processGroups } from '../programs/process-group.ts';
import type { CommandCode } from '../scenario/scenario.ts';
import { type CallOutcome, type Client, type ClientCall, providerEnvironment } from './client.ts';
import { type CommandOptions, callMessage } from './command-client.ts';
import { type CommandOutcome, MAX_RESULT_BYTES, readResult, withOutput } from './command-result.ts';

/** A process of the program and its pending calls. */
interface WorkerProcess {
  readonly child: ChildProcess;
  readonly pending: Map<number, (ended: CommandOutcome) => void>;
  /** Whether it has replied to any call. */
  hasReplied: boolean;
}

/** Give up after this many consecutive exits without a reply. */
const MAX_EMPTY_RUNS = 3;

/**
 * Creates a client of long-running processes: one line of JSON in per call, one line out per result, matched by the call's
 * `id`, several calls at a time. A process that exits is restarted; its pending calls fail with `WorkerDied`.
 */
export async function startWorkerClient(code: CommandCode, options: CommandOptions): Promise<Client> {
  const { url, provider, env, clock } = options;
  const groups = processGroups();
  const output = foldOutput(options.print);
  const variables = { ...process.env, ...providerEnvironment(url, provider), ...env };
  const { promise: died, resolve: die } = Promise.withResolvers<Error>();
  let stopping = false;
  let emptyRuns = 0;

  function start(place: number): WorkerProcess {
    const worker: WorkerProcess = {
      child: groups.start(code.command, code.folder, variables),
      pending: new Map(),
      hasReplied: false,
    };
    const shown = output.program();
    void runWorker(worker, groups, shown.print).then((reason) => {
      shown.end();
      if (stopping) return;
      emptyRuns = worker.hasReplied ? 0 : emptyRuns + 1;
      // New calls go to the new process; pending ones fail with the reason.
      if (emptyRuns < MAX_EMPTY_RUNS) workers[place] = start(place);
      else die(noResultsError(code, reason));
      for (const settle of worker.pending.values()) {
        settle({ result: 'error', error: { name: 'WorkerDied', message: reason } });
      }
    });
    return worker;
  }
  const workers = Array.from({ length: code.workers }, (_, place) => start(place));

  return {
    died,
    call: (call: ClientCall) =>
      new Promise<CallOutcome>((resolve) => {
        const startUs = clock.nowUs();
        const worker = workers.reduce((idlest, next) => (next.pending.size < idlest.pending.size ? next : idlest));
        worker.pending.set(call.id, (ended) => {
          emptyRuns = 0;
          if (!stopping) resolve({ startUs, endUs: clock.nowUs(), ...ended });
        });
        worker.child.stdin!.write(callMessage(call));
      }),
    async stop() {
      stopping = true;
      for (const { child } of workers) child.stdin!.end();
      await Promise.all(workers.map(({ child }) => groups.end(child)));
      groups.sweep();
      output.close();
    },
  };
}

function noResultsError({ command }: CommandCode, reason: string): QuotaLabError {
  const hint =
    findMissingPackage(reason)?.install ??
    'with protocol: worker it must read one line of JSON per call until stdin ends: see docs/commands.md';
  return new QuotaLabError('client/exited', `the client exited ${MAX_EMPTY_RUNS} times without a result`, {
    problems: [{ path: 'client.command', message: `${formatCommand(command)} ${reason}`, hint }],
  });
}

/** Handles a worker's replies until it exits; resolves with the reason when its process group has ended. */
async function runWorker(worker: WorkerProcess, groups: ProcessGroups, print: (text: string) => void): Promise<string> {
  const { child } = worker;
  let line = '';
  let tooLong = false;
  child.stdin!.on('error', () => undefined);
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (line + text).split('\n');
    line = lines.pop()!;
    for (const whole of lines) handleLine(worker, whole, print);
    if (Buffer.byteLength(line) <= MAX_RESULT_BYTES) return;
    tooLong = true;
    line = '';
    groups.clear(child);
  });
  const errors = captureStderr(child, print);
  const exit = await waitForExit(child);
  groups.clear(child);
  if ('cause' in exit) return `could not be started: ${exit.cause.message}`;
  if (tooLong) return `printed a line longer than ${MAX_RESULT_BYTES / 1024 / 1024} MiB, the maximum size of a result`;
  return withOutput(describeExit(exit), line, errors());
}

/** Settles the call of a reply; prints any other line. */
function handleLine(worker: WorkerProcess, line: string, print: (text: string) => void): void {
  const reply = parseReply(line);
  const settle = reply && worker.pending.get(reply.id);
  if (!reply || !settle) {
    if (line.trim() !== '') print(`${line}\n`);
    return;
  }
  worker.pending.delete(reply.id);
  worker.hasReplied = true;
  settle(readResult('result' in reply ? reply.result : reply));
}

/** Parses a reply; its id may be a string, since shells and templates produce strings. */
function parseReply(line: string): { readonly id: number; readonly result?: unknown } | undefined {
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
