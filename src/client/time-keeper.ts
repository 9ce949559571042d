import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Clock } from '../clock/clock.ts';
import type { Reading } from '../clock/scaled-clock.ts';
import { errorsOf, exitOf } from '../programs/child-output.ts';

/** A program that begins the scaled time of a run, and that is asked what it is. */
export interface TimeKeeper {
  /** Where programs find the moment at which scaled time began (`FAKETIME_SHARED`). */
  readonly shared: string;
  /** Asks for the time, several times, to the millisecond. Throws `client/faketime-fails` where no answer comes. */
  read(machine: Clock): Promise<Reading[]>;
  /** Resolves when it has ended, whoever ended it. */
  readonly gone: Promise<void>;
  /** Ends it; nothing of it is left in memory. */
  end(): Promise<void>;
}

const READINGS = 20;
const LONGEST_ANSWER_MS = 10_000;
const LONGEST_FAREWELL_MS = 500;

/**
 * libfaketime scales from the moment at which the first of several programs began, which they find in memory that they share:
 * all that are told of this one's agree to the nanosecond, whenever they start.
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
    // A user's Ctrl-C is for the run, which lets the clock go when nobody needs it any more.
    detached: true,
  });
  const errors = errorsOf(child, () => undefined);
  const nextLine = lineReader(child, (what) => faketimeFails(library, what, errors().trim()));
  const gone = exitOf(child).then(() => undefined);
  const end = (): Promise<void> => letGo(child, gone);
  try {
    const shared = await nextLine();
    if (shared === '') throw faketimeFails(library, 'was not loaded, or can write no /dev/shm', errors().trim());
    return { shared, gone, end, read: (machine) => readings(child, nextLine, machine) };
  } catch (error) {
    await end();
    throw error;
  }
}

async function readings(child: ChildProcess, nextLine: () => Promise<string>, machine: Clock): Promise<Reading[]> {
  const all: Reading[] = [];
  for (let count = 0; count < READINGS; count++) {
    const beforeUs = machine.nowUs();
    child.stdin!.write('\n');
    const shownUs = Number(await nextLine()) * 1000;
    all.push({ beforeUs, afterUs: machine.nowUs(), shownUs });
  }
  return all;
}

/** The lines of a program that says one when it is asked. */
function lineReader(child: ChildProcess, fault: (what: string) => Error): () => Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  child.stdin!.on('error', () => undefined);
  return () =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        lines.removeAllListeners('line');
        child.off('exit', fails);
        act();
      };
      const fails = (): void => settle(() => reject(fault(`does not let ${process.execPath} run`)));
      const hangs = (): void => settle(() => reject(fault(`lets ${process.execPath} hang`)));
      const timer = setTimeout(hangs, LONGEST_ANSWER_MS);
      child.once('exit', fails);
      lines.once('line', (line) => settle(() => resolve(line)));
    });
}

export function faketimeFails(library: string, what: string, said = ''): QuotaLabError {
  const message = `${library} ${what}${said === '' ? '' : `: ${said}`}`;
  const problems = [{ path: 'time', message, hint: 'use time: wall, or another libfaketime' }];
  return new QuotaLabError('client/faketime-fails', 'scaled time does not work on this machine', { problems });
}

/** It removes the shared memory as it goes; one that was killed leaves that to us. */
async function letGo(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.stdin!.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_FAREWELL_MS);
  await gone;
  clearTimeout(timer);
  // glibc keeps both as files.
  for (const name of [`sem.faketime_sem_${child.pid}`, `faketime_shm_${child.pid}`]) {
    if (process.platform === 'linux') rmSync(`/dev/shm/${name}`, { force: true });
  }
}
