import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWith, procText, sendSignal } from './proc.ts';

/** Set in whatever is started here, and inherited by all that it starts: what is left of a run is found by it. */
const MARK = 'QUOTALAB_RUN';

/** A program that was asked to end has this long before it is killed. */
const SHUTDOWN_GRACE_MS = 500;
const LOOK_EVERY_MS = 20;

/** Leaders of groups that may still have processes. */
const leaders = new Set<number>();
let marks: string[] = [];

/** Whatever way this process ends, nothing that it has started goes on. */
function killAll(): void {
  for (const leader of leaders) sendSignal(-leader, 'SIGKILL');
  for (const mark of marks) signalMarked(mark, 'SIGKILL');
}

/** The programs that one run starts. */
export interface ProcessGroups {
  /** Variables that whatever is started must have, so that it can be found. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a program as the leader of a group of its own; `error` events tell of one that could not be. */
  start(command: readonly string[], folder: string, env: Variables): ChildProcess;
  /** Asks a group to end and kills what has not after half a second; resolves when its leader is gone. */
  end(child: ChildProcess): Promise<void>;
  /** Kills what a program has left in its group. */
  clear(child: ChildProcess): void;
  /** Kills what has left its group, as daemons do; where there is no /proc, such a one cannot be found. */
  sweep(): void;
  /** Starts a program in this process's own group, so that it has the user's terminal: its signals, colours and prompts. */
  startAttached(command: readonly string[], env: Variables, stdout: 'inherit' | 'stderr'): ChildProcess;
  /**
   * Ends what programs have left running, wherever it went: what does not go by itself in half a second is asked to, and
   * killed half a second later. Resolves to those that had to be, when none is left.
   */
  dismiss(): Promise<LeftBehind[]>;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** A process that was still there when the program that started it had ended. */
export interface LeftBehind {
  readonly pid: number;
  readonly command: string;
}

export function processGroups(): ProcessGroups {
  const mark = `${process.pid}-${randomBytes(8).toString('hex')}`;
  if (!process.listeners('exit').includes(killAll)) process.on('exit', killAll);
  marks.push(mark);
  const env = { [MARK]: mark };
  return {
    env,
    start([program, ...args], folder, variables) {
      const options = { cwd: folder, env: { ...variables, ...env }, detached: true } as const;
      const child = spawn(program!, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
      if (child.pid !== undefined) leaders.add(child.pid);
      return child;
    },
    async end(child) {
      if (child.pid === undefined || !leaders.has(child.pid)) return;
      sendSignal(-child.pid, 'SIGTERM');
      await gone(child, SHUTDOWN_GRACE_MS);
      this.clear(child);
      await gone(child, SHUTDOWN_GRACE_MS);
    },
    clear({ pid }) {
      // The number of a group that is gone may be another's by now.
      if (pid !== undefined && leaders.delete(pid)) sendSignal(-pid, 'SIGKILL');
    },
    sweep() {
      signalMarked(mark, 'SIGKILL');
      marks = marks.filter((one) => one !== mark);
    },
    startAttached([program, ...args], variables, stdout) {
      const stdio = ['inherit', stdout === 'stderr' ? 2 : 'inherit', 'inherit'] as const;
      return spawn(program!, args, { env: { ...variables, ...env }, stdio: [...stdio] });
    },
    async dismiss() {
      await noneLeft(mark, () => undefined);
      const left = marked(mark)
        .map((pid) => ({ pid, command: commandOf(pid) }))
        .filter(({ command }) => command !== '');
      if (left.length > 0) {
        signalMarked(mark, 'SIGTERM');
        await noneLeft(mark, () => undefined);
        await noneLeft(mark, () => signalMarked(mark, 'SIGKILL'));
      }
      return left;
    },
  };
}

/** Looks again and again, and does `meanwhile`, until nothing with this mark is left or the longest farewell is over. */
async function noneLeft(mark: string, meanwhile: () => void): Promise<void> {
  for (let waitedMs = 0; marked(mark).length > 0 && waitedMs < SHUTDOWN_GRACE_MS; waitedMs += LOOK_EVERY_MS) {
    meanwhile();
    await sleep(LOOK_EVERY_MS);
  }
}

function gone(child: ChildProcess, mostMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, mostMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function signalMarked(mark: string, name: NodeJS.Signals): void {
  for (const pid of marked(mark)) sendSignal(pid, name);
}

const marked = (mark: string): number[] => processesWith(`${MARK}=${mark}`);

const commandOf = (pid: number): string => procText(`${pid}/cmdline`).split('\0').join(' ').trim();
