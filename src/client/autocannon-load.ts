import type { Worker } from 'node:worker_threads';
import type { CallRecord } from '../journal/call-records.ts';
import type { SecondRecord } from '../journal/second-record.ts';
import type { AutocannonCode } from '../scenario/scenario.ts';
import { shareOf } from './autocannon-share.ts';
import type { AutocannonCount, AutocannonSettings, FromAutocannon, ToAutocannon } from './autocannon-worker.ts';
import { forwardOutput, startThread, waitForThreadEnd } from './worker-thread.ts';

export interface AutocannonOptions extends Omit<AutocannonSettings, 'code'> {
  readonly print: (text: string) => void;
  /** Takes completed calls; times count from the start of the run. */
  readonly record: (record: CallRecord | SecondRecord) => void;
}

/** Raw load that is ready to start. Its worker threads end with this process. */
export interface AutocannonLoad {
  /** Sends until it is done or stopped; resolves with autocannon's counts. Rejects if a thread exits. */
  fire(startedUs: number): Promise<AutocannonCount>;
  /** Stops sending and aborts pending requests. */
  stop(): void;
  /** Terminates the threads. */
  end(): Promise<void>;
}

/** Starts the threads of a load; resolves when all are ready. */
export async function startAutocannon(code: AutocannonCode, options: AutocannonOptions): Promise<AutocannonLoad> {
  const { print, record, ...settings } = options;
  const threads = Array.from({ length: code.workers }, (_, index) => {
    const data: AutocannonSettings = { ...settings, code: shareOf(code, index) };
    const worker = startThread({ file: new URL('./autocannon-worker', import.meta.url), data });
    forwardOutput(worker, print);
    return { worker, ended: waitForThreadEnd(worker, 'autocannon') };
  });
  const end = async (): Promise<void> => void (await Promise.all(threads.map(({ worker }) => worker.terminate())));
  const broadcast = (message: ToAutocannon): void => {
    for (const { worker } of threads) worker.postMessage(message);
  };
  try {
    await Promise.all(threads.map(({ worker, ended }) => nextMessage(worker, ended, 'ready')));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    async fire(startedUs) {
      const counts = threads.map(async ({ worker, ended }) => {
        worker.on('message', (message: FromAutocannon) => {
          if (message.type === 'records') message.records.forEach(record);
        });
        return (await nextMessage(worker, ended, 'done')).count;
      });
      broadcast({ type: 'begin', startedUs });
      return (await Promise.all(counts)).reduce(addCounts);
    },
    stop: () => broadcast({ type: 'stop' }),
    end,
  };
}

/** Resolves with a thread's first message of one type. */
function nextMessage<Type extends FromAutocannon['type']>(
  worker: Worker,
  ended: Promise<Error>,
  type: Type,
): Promise<Extract<FromAutocannon, { type: Type }>> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromAutocannon) => {
      if (message.type === type) resolve(message as Extract<FromAutocannon, { type: Type }>);
    });
    void ended.then(reject);
  });
}

function addCounts(a: AutocannonCount, b: AutocannonCount): AutocannonCount {
  const byStatus: Record<string, number> = { ...a.byStatus };
  for (const [status, count] of Object.entries(b.byStatus)) byStatus[status] = (byStatus[status] ?? 0) + count;
  const lastError = b.lastError ?? a.lastError;
  return {
    completed: a.completed + b.completed,
    non2xx: a.non2xx + b.non2xx,
    byStatus,
    errors: a.errors + b.errors,
    timeouts: a.timeouts + b.timeouts,
    ...(lastError !== undefined && { lastError }),
  };
}
