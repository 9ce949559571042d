import type { Worker } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import { providerEnvironment } from '../client/client.ts';
import { clientError } from '../client/client-module.ts';
import { endOf, interruptedImport, listenTo } from '../client/worker-thread.ts';
import type { JournalWriter } from '../journal/journal-writer.ts';
import type { EndRecord, JournalRecord } from '../journal/record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { moduleOf } from './module-of.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';
import { takeThread } from './thread-ahead.ts';
import type { FromVirtual, ToVirtual, VirtualSettings } from './virtual-worker.ts';

/** Where the client's environment points; nobody listens there, and nothing gets as far as asking. */
const HOST = '127.0.0.1';
const PORT = 4010;

/** A thread whose clock has not moved for so long does nothing but compute. */
const LONGEST_STILL_MS = 5000;
const LOOK_EVERY_MS = 250;

export interface VirtualOptions extends RunOptions {
  readonly fetchThrough?: VirtualSettings['fetchThrough'];
  /** Told what the client does that takes no virtual time: files, hashes. */
  readonly note?: (what: string) => void;
  /** Whether a thread is made for a next run while this one goes on; it costs what it takes to start one. */
  readonly oneAhead?: boolean;
}

/**
 * Runs a scenario in virtual time: the team's module, the load and the provider in one thread of their own, on a clock
 * that jumps. The journal depends on the scenario alone. Throws `client/import-failed`, `client/no-default-export`,
 * `client/never-ready`, `client/busy`, `client/outside-virtual-time`, `client/crashed`, `client/exited` or
 * `client/interrupted` before the first call; later they are the outcome's `clientError`.
 */
export async function runVirtual(scenario: Scenario, options: VirtualOptions): Promise<RunOutcome> {
  const module = moduleOf(scenario);
  const heartbeat = new Int32Array(new SharedArrayBuffer(4));
  const worker = start(scenario, options, heartbeat);
  const records: JournalRecord[] = [];
  let journal: JournalWriter | undefined;
  let elapsedUs = 0;
  const say = (message: ToVirtual): void => worker.postMessage(message);

  function take(message: Extract<FromVirtual, { type: 'lines' }>): void {
    elapsedUs = message.elapsedUs;
    journal?.writeLines(message.lines);
    for (const line of message.lines.split('\n')) if (line !== '') records.push(JSON.parse(line) as JournalRecord);
    options.onTick?.({ elapsedUs, records });
    if (message.asks)
      say(options.shouldStop?.(elapsedUs, records) ? { type: 'stop', reason: 'threshold' } : { type: 'go' });
  }

  let over = false;
  function close(end: EndRecord): RunOutcome {
    over = true;
    records.push(end);
    journal!.write(end);
    return { records, ...(end.stopped && { stopped: end.stopped }) };
  }

  const interrupt = (): void => {
    if (journal) say({ type: 'stop', reason: 'interrupted' });
    else void worker.terminate();
  };
  options.interrupted.addEventListener('abort', interrupt);
  try {
    return await new Promise<RunOutcome>((resolve, reject) => {
      const giveUp = (error: Error): void => {
        if (over) return;
        if (!journal) reject(options.interrupted.aborted ? interruptedImport(module) : error);
        else resolve({ ...close({ type: 'end', endUs: elapsedUs, stopped: 'client-exited' }), clientError: error });
      };
      void endOf(worker, module).then(giveUp);
      watch(worker, heartbeat, () => giveUp(busy(module)));
      worker.on('message', (message: FromVirtual) => {
        if (over) return;
        try {
          if (message.type === 'ready') journal = options.openJournal();
          else if (message.type === 'lines') take(message);
          else if (message.type === 'note') options.note?.(message.text);
          else if (message.type === 'end') resolve(close(message.end));
          else giveUp(new QuotaLabError(message.code, message.message, { problems: message.problems }));
        } catch (error) {
          reject(error as Error);
        }
      });
      if (options.interrupted.aborted) interrupt();
    });
  } finally {
    options.interrupted.removeEventListener('abort', interrupt);
    await worker.terminate();
    journal?.close();
  }
}

function start(scenario: Scenario, options: VirtualOptions, heartbeat: Int32Array<SharedArrayBuffer>): Worker {
  const { tool, allowHosts, print, shouldStop, fetchThrough = 'fetch', oneAhead = false } = options;
  const asks = shouldStop !== undefined;
  const own = { ...providerEnvironment(`http://${HOST}:${PORT}`, scenario.provider), ...scenario.client.env };
  const env = { ...process.env, ...own } as Record<string, string>;
  const settings = { scenario, env, tool, allowHosts, host: HOST, port: PORT, asks, fetchThrough, heartbeat };
  const worker = takeThread(oneAhead);
  listenTo(worker, print);
  worker.postMessage({ type: 'begin', settings } satisfies ToVirtual);
  return worker;
}

/** Calls `hangs` once when the thread's clock has stood still for too long. */
function watch(worker: Worker, heartbeat: Int32Array<SharedArrayBuffer>, hangs: () => void): void {
  let beats = -1;
  let stillMs = 0;
  const timer = setInterval(() => {
    const now = Atomics.load(heartbeat, 0);
    // Before the first beat the thread is still being made.
    stillMs = now === beats && now > 0 ? stillMs + LOOK_EVERY_MS : 0;
    beats = now;
    if (stillMs < LONGEST_STILL_MS) return;
    clearInterval(timer);
    hangs();
  }, LOOK_EVERY_MS);
  worker.on('exit', () => clearInterval(timer));
}

function busy(module: string): QuotaLabError {
  return clientError('client/busy', `${module} has computed for ${LONGEST_STILL_MS / 1000} s without a break`, {
    message: 'never gives way to anything else, and so keeps time from moving',
    hint: 'a loop that waits for Date.now() to change never ends in virtual time; sleep with a timer, or run with time: wall',
  });
}
