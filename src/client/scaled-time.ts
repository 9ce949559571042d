import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Clock } from '../clock/clock.ts';
import { meetingOf, narrowest, type Reading, ranAt, scaledClock } from '../clock/scaled-clock.ts';
import { findFaketime } from './find-faketime.ts';

type Variables = Readonly<Record<string, string>>;

/** A clock that runs faster than the machine's, and what other programs need in their environment to be on it. */
export interface ScaledTime {
  readonly clock: Clock;
  /** The name by which the programs on this clock find it: no other run has it. */
  readonly mark: string;
  /** Whether timed waits between a Python's threads end: see `Faketime`. */
  readonly timesThreads: boolean;
  /** These variables, and those that put a program and all that it starts on the clock. */
  environment(own: Variables): Variables;
  /** Resolves when the clock is gone before it was stopped. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
}

const PRELOAD = process.platform === 'darwin' ? 'DYLD_INSERT_LIBRARIES' : 'LD_PRELOAD';

/** What the keeper shows is in whole milliseconds of its own. */
const RESOLUTION_US = 1000;
const READINGS = 20;
/** Between two looks at how fast the keeper's clock runs. */
const BETWEEN_MS = 40;
const LONGEST_START_MS = 10_000;
const LONGEST_FAREWELL_MS = 500;

/**
 * The program that keeps the time. libfaketime scales from the moment at which the first of several programs began, which they
 * find in memory that they share: all that are told of this one's agree to the nanosecond, whenever they start. It says where
 * that memory is, and then, asked by a line, what time it is.
 */
const KEEPER = `
console.log(process.env.FAKETIME_SHARED ?? '');
process.stdin.on('data', () => console.log(String(Date.now())));
process.stdin.on('end', () => process.exit());
`;

/**
 * Starts a clock that runs `speed` times as fast as the machine's. Throws `client/no-faketime`, or `client/faketime-fails` where
 * libfaketime is there and does not do what it should.
 */
export async function startScaledTime(speed: number, machine: Clock): Promise<ScaledTime> {
  const { library, timesThreads } = findFaketime();
  const variables = variablesFor(speed);
  const keeper = spawn(process.execPath, ['-e', KEEPER], {
    env: { ...variables, [PRELOAD]: library },
    stdio: ['pipe', 'pipe', 'ignore'],
    // A user's Ctrl-C is for the run, which lets the clock go when nobody needs it any more.
    detached: true,
  });
  let stopping = false;
  const gone = new Promise<void>((resolve) => {
    keeper.once('exit', () => resolve());
    keeper.once('error', () => resolve());
  });
  keeper.stdin.on('error', () => undefined);
  const lines = createInterface({ input: keeper.stdout });
  try {
    const shared = await nextLine(lines, keeper, library);
    if (shared === '') throw fails(library, 'found no shared memory: is there a /dev/shm that can be written?');
    const readings = await readAll(lines, keeper, machine, library);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    const later = narrowest(await readAll(lines, keeper, machine, library));
    if (!ranAt(speed, narrowest(readings), later, RESOLUTION_US)) {
      throw fails(library, `did not make the clock of ${process.execPath} ${speed} times as fast`);
    }
    return {
      clock: scaledClock(machine, speed, meetingOf(readings)),
      mark: shared,
      timesThreads,
      environment: (own) => ({
        ...own,
        ...variables,
        FAKETIME_SHARED: shared,
        [PRELOAD]: [library, own[PRELOAD] ?? process.env[PRELOAD]].filter(Boolean).join(':'),
      }),
      lost: gone.then(() => (stopping ? new Promise<never>(() => undefined) : lost())),
      async stop() {
        stopping = true;
        await letGo(keeper, gone, shared);
      },
    };
  } catch (error) {
    keeper.kill('SIGKILL');
    removeShared(`/faketime_sem_${keeper.pid} /faketime_shm_${keeper.pid}`);
    throw error;
  }
}

/** What libfaketime reads, beside where it is loaded from. */
function variablesFor(speed: number): Variables {
  return {
    FAKETIME: `+0 x${speed}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '0',
    // Without it, waits with a deadline on the monotonic clock never end: those of the JVM, of V8, and of C's own threads.
    FAKETIME_FORCE_MONOTONIC_FIX: '1',
    // Files keep their real times. Each look at one would take a lock that all programs share, and keep it where one is killed.
    NO_FAKE_STAT: '1',
  };
}

async function readAll(lines: Interface, keeper: ChildProcess, machine: Clock, library: string): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let count = 0; count < READINGS; count++) {
    const beforeUs = machine.nowUs();
    keeper.stdin!.write('\n');
    const line = await nextLine(lines, keeper, library);
    readings.push({ beforeUs, afterUs: machine.nowUs(), shownUs: Number(line) * 1000 });
  }
  return readings;
}

function nextLine(lines: Interface, keeper: ChildProcess, library: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => (): void => {
      clearTimeout(timer);
      lines.removeAllListeners('line');
      keeper.off('exit', exits);
      act();
    };
    const why = `lets ${process.execPath} hang`;
    const timer = setTimeout(
      settle(() => reject(fails(library, why))),
      LONGEST_START_MS,
    );
    const exits = settle(() => reject(fails(library, `does not let ${process.execPath} run`)));
    keeper.once('exit', exits);
    lines.once('line', (line) => settle(() => resolve(line))());
  });
}

function fails(library: string, what: string): QuotaLabError {
  const problem = { path: 'time', message: `${library} ${what}`, hint: 'use time: wall, or another libfaketime' };
  return new QuotaLabError('client/faketime-fails', 'scaled time does not work on this machine', {
    problems: [problem],
  });
}

function lost(): QuotaLabError {
  const message = 'the process that keeps scaled time has ended: what began later would be on another clock';
  return new QuotaLabError('client/scaled-time-lost', message, { fault: 'tool' });
}

/** It removes the shared memory as it goes; who was killed before leaves it to us. */
async function letGo(keeper: ChildProcess, gone: Promise<void>, shared: string): Promise<void> {
  keeper.stdin!.end();
  const timer = setTimeout(() => keeper.kill('SIGKILL'), LONGEST_FAREWELL_MS);
  await gone;
  clearTimeout(timer);
  removeShared(shared);
}

/** `/faketime_sem_1 /faketime_shm_1`: glibc keeps them as files. */
function removeShared(shared: string): void {
  const [semaphore, memory] = shared.split(' ');
  if (process.platform !== 'linux' || !semaphore || !memory) return;
  rmSync(`/dev/shm/sem.${semaphore.slice(1)}`, { force: true });
  rmSync(`/dev/shm${memory}`, { force: true });
}
