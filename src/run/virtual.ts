import type { Worker } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Redactor } from '../../mock-server/redaction/redactor.ts';
import { providerEnvironment } from '../client/client.ts';
import { clientError } from '../client/client-module.ts';
import { namedProviderEnvironment } from '../client/fleet-environment.ts';
import { forwardOutput, importInterruptedError, waitForThreadEnd } from '../client/worker-thread.ts';
import type { EndRecord, JournalRecord } from '../journal/record.ts';
import { hasFleet, providersOf } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { moduleOf } from './module-of.ts';
import { createRecordList } from './record-list.ts';
import { type RunContext, type RunOutcome, whyInterrupted } from './run-context.ts';
import { createRunRedactor } from './run-redactor.ts';
import type { FromVirtual, ToVirtual, VirtualSettings } from './runner-link.ts';
import { takeVirtualThread } from './spare-thread.ts';

/** The address in the client's environment. Requests to it are intercepted, so that nothing listens there. */
const HOST = '127.0.0.1';
const PORT = 4010;

/** A thread whose clock has not moved for this long blocks its event loop. */
const MAX_STALL_MS = 5000;
const MAX_STARVED_MS = 60_000;
const STALL_CHECK_INTERVAL_MS = 250;
/** How long an interrupted thread may take to end its run; one that blocks its event loop never does. */
const INTERRUPT_GRACE_MS = 2000;

export interface VirtualOptions extends RunContext {
  readonly fetchThrough?: VirtualSettings['fetchThrough'];
  /** Called with operations of the client that take no virtual time: files, hashes. */
  readonly note?: (what: string) => void;
  /** Whether a thread for the next run is started during this one. */
  readonly keepSpareThread?: boolean;
}

/**
 * Runs a scenario in virtual time: the client's module, the load and the provider in one worker thread, on a clock that
 * jumps. The journal depends on the scenario alone. Throws `client/import-failed`, `client/no-default-export`,
 * `client/never-ready`, `client/busy`, `client/outside-virtual-time`, `client/crashed`, `client/exited` or
 * `client/interrupted` before the first call; later they are the outcome's `clientError`. `redactor` learns the client's keys.
 */
export async function runVirtual(
  scenario: Scenario,
  options: VirtualOptions,
  redactor: Redactor = createRunRedactor(scenario),
): Promise<RunOutcome> {
  const module = moduleOf(scenario);
  const heartbeat = new Int32Array(new SharedArrayBuffer(4));
  const worker = startWorker(scenario, options, heartbeat);
  const records = createRecordList(options);
  let journal: ReturnType<NonNullable<RunContext['openJournal']>> | undefined;
  let isReady = false;
  let elapsedUs = 0;
  const send = (message: ToVirtual): void => worker.postMessage(message);

  function receiveLines(message: Extract<FromVirtual, { type: 'lines' }>): void {
    elapsedUs = message.elapsedUs;
    journal?.writeLines(message.lines);
    for (const line of message.lines.split('\n')) if (line !== '') records.add(JSON.parse(line) as JournalRecord);
    options.onTick?.({ elapsedUs, records: records.all });
    if (message.pausesForCheck)
      send(options.shouldStop?.(elapsedUs, records.all) ? { type: 'stop', reason: 'threshold' } : { type: 'go' });
  }

  let over = false;
  function close(end: EndRecord): RunOutcome {
    over = true;
    records.add(end);
    journal?.write(end);
    return { records: records.all, stopped: end.stopped };
  }

  const { promise: unresponsive, resolve: giveUpInterrupted } = Promise.withResolvers<RunOutcome>();
  let grace: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    if (!isReady) return void worker.terminate();
    const reason = whyInterrupted(options.interrupted);
    send({ type: 'stop', reason });
    grace = setTimeout(() => {
      if (!over) giveUpInterrupted(close({ type: 'end', endUs: elapsedUs, stopped: reason }));
    }, INTERRUPT_GRACE_MS);
  };
  options.interrupted.addEventListener('abort', interrupt);
  try {
    const ended = new Promise<RunOutcome>((resolve, reject) => {
      const giveUp = (error: Error): void => {
        if (over) return;
        if (!isReady) reject(options.interrupted.aborted ? importInterruptedError(module) : error);
        else resolve({ ...close({ type: 'end', endUs: elapsedUs, stopped: 'client-exited' }), clientError: error });
      };
      void waitForThreadEnd(worker, module).then(giveUp);
      watchForStall(worker, heartbeat, () => giveUp(busyError(module)));
      worker.on('message', (message: FromVirtual) => {
        if (over) return;
        try {
          if (message.type === 'ready') {
            journal = options.openJournal?.();
            isReady = true;
          } else if (message.type === 'lines') receiveLines(message);
          else if (message.type === 'note') options.note?.(message.text);
          else if (message.type === 'key') redactor.learn([message.key]);
          else if (message.type === 'end') resolve(close(message.end));
          else giveUp(new QuotaLabError(message.code, message.message, { problems: message.problems }));
        } catch (error) {
          reject(error as Error);
        }
      });
      if (options.interrupted.aborted) interrupt();
    });
    return await Promise.race([ended, unresponsive]);
  } finally {
    clearTimeout(grace);
    options.interrupted.removeEventListener('abort', interrupt);
    await worker.terminate();
    journal?.close();
  }
}

function startWorker(scenario: Scenario, options: VirtualOptions, heartbeat: Int32Array<SharedArrayBuffer>): Worker {
  const { tool, allowHosts, print, shouldStop, fetchThrough = 'fetch', keepSpareThread = false } = options;
  const pausesEachSecond = shouldStop !== undefined;
  const served = providersOf(scenario).map((one, index) => ({ ...one, url: `http://${HOST}:${PORT + index}` }));
  const own = {
    ...providerEnvironment(served[0]!.url, scenario.provider),
    ...namedProviderEnvironment(served),
    // Those of several clients are different in each.
    ...(hasFleet(scenario) ? {} : scenario.client.env),
  };
  const env = { ...process.env, ...own } as Record<string, string>;
  const settings = {
    scenario,
    env,
    tool,
    allowHosts,
    host: HOST,
    port: PORT,
    pausesEachSecond,
    fetchThrough,
    heartbeat,
  };
  const worker = takeVirtualThread(keepSpareThread);
  forwardOutput(worker, print);
  worker.postMessage({ type: 'begin', settings } satisfies ToVirtual);
  return worker;
}

/**
 * Calls `onStall` once, when the clock of the thread has not moved for too long. A thread that has hardly run in that time is kept
 * from it by a busy machine, and gets longer.
 */
function watchForStall(worker: Worker, heartbeat: Int32Array<SharedArrayBuffer>, onStall: () => void): void {
  let beats = -1;
  let stillMs = 0;
  let cpuBeforeMs: Promise<number> | undefined;
  const timer = setInterval(async () => {
    const now = Atomics.load(heartbeat, 0);
    // Before the first beat the thread is still starting.
    const isStill = now === beats && now > 0;
    beats = now;
    stillMs = isStill ? stillMs + STALL_CHECK_INTERVAL_MS : 0;
    cpuBeforeMs = isStill ? (cpuBeforeMs ?? cpuTimeMs(worker)) : undefined;
    if (stillMs < MAX_STALL_MS) return;
    const usedMs = (await cpuTimeMs(worker)) - ((await cpuBeforeMs) ?? 0);
    const isStarved = usedMs < MAX_STALL_MS / 2 && stillMs < MAX_STARVED_MS;
    if (isStarved || Atomics.load(heartbeat, 0) !== now) return;
    clearInterval(timer);
    onStall();
  }, STALL_CHECK_INTERVAL_MS);
  worker.on('exit', () => clearInterval(timer));
}

/** The time for which the thread has run; NaN if unknown: once it has ended, and before Node 24.6. */
async function cpuTimeMs(worker: Worker): Promise<number> {
  const usage = await worker.cpuUsage?.().catch(() => undefined);
  return usage === undefined ? NaN : (usage.user + usage.system) / 1000;
}

function busyError(module: string): QuotaLabError {
  return clientError('client/busy', `${module} blocked the event loop for ${MAX_STALL_MS / 1000} s`, {
    message: 'blocks the event loop, so virtual time cannot advance',
    hint: 'a loop that waits for Date.now() to change never ends in virtual time; sleep with a timer, or run with time: wall',
  });
}
