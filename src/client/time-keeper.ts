import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Clock } from '../clock/clock.ts';
import type { ClockReading } from '../clock/scaled-clock.ts';
import { captureStderr, waitForExit } from '../programs/child-output.ts';
import { addLeftover, dropLeftover, type Leftover } from '../programs/leftovers.ts';
import { SHUTDOWN_GRACE_MS } from '../programs/proc.ts';

/** A process that defines the scaled time of a run and can be queried for it. */
export interface TimeKeeper {
  /** Shared memory with the start of scaled time (`FAKETIME_SHARED`). */
  readonly shared: string;
  /** Reads the scaled time several times, in whole milliseconds. Throws `client/faketime-fails` without a reply. */
  read(machine: Clock): Promise<ClockReading[]>;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;
  /** Ends the process and removes its shared memory. */
  end(): Promise<void>;
}

const READING_COUNT = 20;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * libfaketime keeps the start of the first program in shared memory and scales time from there. All programs that share this
 * keeper's memory therefore agree to the nanosecond, whenever they start.
 */
const SOURCE = `
console.log(process.env.FAKETIME_SHARED ?? '');
process.stdin.on('data', () => console.log(String(Date.now())));
process.stdin.on('end', () => process.exit());
`;

/** Starts a program with this environment, which loads `library`. Throws `client/faketime-fails`. */
export async function startTimeKeeper(library: string, env: Readonly<Record<string, string>>): Promise<TimeKeeper> {
  const child = spawn(process.execPath, ['-e', SOURCE], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C goes to the run, which ends the clock when it is no longer needed.
    detached: true,
  });
  const leftovers = leftoversOf(child);
  leftovers.forEach(addLeftover);
  const errors = captureStderr(child, () => undefined);
  const nextLine = lineReader(child, (problem) => faketimeError(library, problem, errors().trim()));
  const gone = waitForExit(child).then(() => leftovers.forEach(dropLeftover));
  const end = (): Promise<void> => shutDown(child, gone);
  try {
    const shared = await nextLine();
    if (shared === '') throw faketimeError(library, 'was not loaded, or cannot write to /dev/shm', errors().trim());
    return { shared, gone, end, read: (machine) => takeReadings(child, nextLine, machine) };
  } catch (error) {
    await end();
    throw error;
  }
}

async function takeReadings(
  child: ChildProcess,
  nextLine: () => Promise<string>,
  machine: Clock,
): Promise<ClockReading[]> {
  const all: ClockReading[] = [];
  for (let count = 0; count < READING_COUNT; count++) {
    const beforeUs = machine.nowUs();
    child.stdin!.write('\n');
    const shownUs = Number(await nextLine()) * 1000;
    all.push({ beforeUs, afterUs: machine.nowUs(), shownUs });
  }
  return all;
}

/** Returns a function that reads the next line of the program. */
function lineReader(child: ChildProcess, createError: (message: string) => Error): () => Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  child.stdin!.on('error', () => undefined);
  return () =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        lines.removeAllListeners('line');
        child.off('exit', onExit);
        act();
      };
      const onExit = (): void => settle(() => reject(createError(`prevents ${process.execPath} from running`)));
      const onTimeout = (): void => settle(() => reject(createError(`makes ${process.execPath} hang`)));
      const timer = setTimeout(onTimeout, ANSWER_TIMEOUT_MS);
      child.once('exit', onExit);
      lines.once('line', (line) => settle(() => resolve(line)));
    });
}

export function faketimeError(library: string, problem: string, output = ''): QuotaLabError {
  const message = `${library} ${problem}${output === '' ? '' : `: ${output}`}`;
  const problems = [{ path: 'time', message, hint: 'use time: wall, or another libfaketime' }];
  return new QuotaLabError('client/faketime-fails', 'scaled time does not work on this machine', { problems });
}

/** The process removes its shared memory on exit; after SIGKILL it is removed here. */
async function shutDown(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.stdin!.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_GRACE_MS);
  await gone;
  clearTimeout(timer);
  for (const file of sharedFiles(child)) rmSync(file, { force: true });
}

function leftoversOf(child: ChildProcess): Leftover[] {
  if (child.pid === undefined) return [];
  return [['process', child.pid], ...sharedFiles(child).map((file): Leftover => ['path', file])];
}

/** The files in which glibc keeps libfaketime's semaphore and shared memory. */
function sharedFiles({ pid }: ChildProcess): string[] {
  if (process.platform !== 'linux') return [];
  return [`sem.faketime_sem_${pid}`, `faketime_shm_${pid}`].map((name) => `/dev/shm/${name}`);
}
