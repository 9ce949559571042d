import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { addLeftover, dropLeftover } from './leftovers.ts';
import { findMarked, MARK, readProc, SHUTDOWN_GRACE_MS, sendSignal } from './proc.ts';

const POLL_INTERVAL_MS = 20;

/** Process ids of group leaders whose groups may still have processes. */
const leaders = new Set<number>();
let marks: string[] = [];

/** On exit of this process: kills everything it has started. */
function killAll(): void {
  for (const leader of leaders) sendSignal(-leader, 'SIGKILL');
  for (const mark of marks) signalMarked(mark, 'SIGKILL');
}

/** Starts and ends the programs of a run. */
export interface ProcessGroups {
  /** Variables that mark started programs. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a program as the leader of its own group; a failed start emits `error` on the child. */
  start(command: readonly string[], folder: string, env: Variables): ChildProcess;
  /** Terminates a group, and kills it after `SHUTDOWN_GRACE_MS`; resolves when its leader has ended. */
  end(child: ChildProcess): Promise<void>;
  /** Kills the remaining processes of a program's group. */
  clear(child: ChildProcess): void;
  /** Kills processes that have left their group, such as daemons. Needs /proc. */
  sweep(): void;
  /** Starts a program in this process's group, attached to the user's terminal (signals, colours, prompts). */
  startAttached(command: readonly string[], env: Variables, stdout: 'inherit' | 'stderr'): ChildProcess;
  /**
   * Ends all processes left by the programs: waits `SHUTDOWN_GRACE_MS` for them to end, sends SIGTERM, and after the same
   * time SIGKILL. Resolves with the processes that did not end by themselves.
   */
  terminateStragglers(): Promise<Straggler[]>;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** A process still running after the program that started it has ended. */
export interface Straggler {
  readonly pid: number;
  readonly command: string;
}

export function processGroups(): ProcessGroups {
  const mark = `${process.pid}-${randomBytes(8).toString('hex')}`;
  if (!process.listeners('exit').includes(killAll)) process.on('exit', killAll);
  marks.push(mark);
  addLeftover(['mark', mark]);
  const env = { [MARK]: mark };
  return {
    env,
    start([program, ...args], folder, variables) {
      const options = { cwd: folder, env: { ...variables, ...env }, detached: true } as const;
      const child = spawn(program!, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
      if (child.pid !== undefined) {
        leaders.add(child.pid);
        addLeftover(['group', child.pid]);
      }
      return child;
    },
    async end(child) {
      if (child.pid === undefined || !leaders.has(child.pid)) return;
      sendSignal(-child.pid, 'SIGTERM');
      await waitForChild(child, SHUTDOWN_GRACE_MS);
      this.clear(child);
      await waitForChild(child, SHUTDOWN_GRACE_MS);
    },
    clear({ pid }) {
      // The id of an ended group may have been reused.
      if (pid === undefined || !leaders.delete(pid)) return;
      sendSignal(-pid, 'SIGKILL');
      dropLeftover(['group', pid]);
    },
    sweep() {
      signalMarked(mark, 'SIGKILL');
      marks = marks.filter((other) => other !== mark);
      dropLeftover(['mark', mark]);
    },
    startAttached([program, ...args], variables, stdout) {
      const stdio = ['inherit', stdout === 'stderr' ? 2 : 'inherit', 'inherit'] as const;
      const child = spawn(program!, args, { env: { ...variables, ...env }, stdio: [...stdio] });
      const { pid } = child;
      if (pid !== undefined) {
        addLeftover(['process', pid]);
        child.once('exit', () => dropLeftover(['process', pid]));
      }
      return child;
    },
    async terminateStragglers() {
      await waitUntilGone(mark, () => undefined);
      const stragglers = findMarked(mark)
        .map((pid) => ({ pid, command: readCommand(pid) }))
        .filter(({ command }) => command !== '');
      if (stragglers.length > 0) {
        signalMarked(mark, 'SIGTERM');
        await waitUntilGone(mark, () => undefined);
        await waitUntilGone(mark, () => signalMarked(mark, 'SIGKILL'));
      }
      return stragglers;
    },
  };
}

/** Polls until no process has this mark or `SHUTDOWN_GRACE_MS` is over; calls `meanwhile` on each poll. */
async function waitUntilGone(mark: string, meanwhile: () => void): Promise<void> {
  for (let waitedMs = 0; findMarked(mark).length > 0 && waitedMs < SHUTDOWN_GRACE_MS; waitedMs += POLL_INTERVAL_MS) {
    meanwhile();
    await sleep(POLL_INTERVAL_MS);
  }
}

function waitForChild(child: ChildProcess, timeoutMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function signalMarked(mark: string, name: NodeJS.Signals): void {
  for (const pid of findMarked(mark)) sendSignal(pid, name);
}

const readCommand = (pid: number): string => readProc(`${pid}/cmdline`).split('\0').join(' ').trim();
