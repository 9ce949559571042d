import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a run leaves behind if its process is killed: programs, by group, by id or by mark, and temporary files. */
export type Leftover =
  | readonly [kind: 'group', id: number]
  | readonly [kind: 'process', id: number]
  /** Processes with this value of `MARK` in their environment. */
  | readonly [kind: 'mark', value: string]
  /** Processes with this working folder that listen on this port: servers that overwrite their environment. */
  | readonly [kind: 'listener', port: number, folder: string]
  /** A file, or a folder with all that is in it. */
  | readonly [kind: 'path', path: string];

/** A message to the reaper (`reaper.ts`), one line of JSON each. */
export interface ReaperMessage {
  readonly does: 'add' | 'drop';
  readonly leftover: Leftover;
}

/** What exists now, by its text. */
const leftovers = new Map<string, Leftover>();
let reaper: ChildProcess | undefined;

/** Has something removed when this process ends without doing so itself, by SIGKILL for example. */
export function addLeftover(leftover: Leftover): void {
  leftovers.set(String(leftover), leftover);
  if (reaper) send(reaper, { does: 'add', leftover });
  else startReaper();
}

/** Forgets what no longer exists: its id may be used again. */
export function dropLeftover(leftover: Leftover): void {
  if (leftovers.delete(String(leftover)) && reaper) send(reaper, { does: 'drop', leftover });
}

/**
 * Starts the reaper: a process of its own session, that neither Ctrl-C nor a closed terminal reaches. The system closes its
 * stdin when this process ends, and then it removes what is left. Without it (no memory for a process), the run goes on.
 */
function startReaper(): void {
  // `.ts` in a checkout, `.js` in the package.
  const file = new URL(`./reaper${extname(import.meta.url)}`, import.meta.url);
  const { LD_LIBRARY_PATH } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(file)], {
    // It must neither hold the user's folder nor carry a mark by which it would be found itself.
    cwd: '/',
    env: LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper = child;
  const forget = (): void => {
    if (reaper === child) reaper = undefined;
  };
  child.on('error', forget).on('exit', forget).unref();
  child.stdin!.on('error', forget);
  // A pipe, as Node has it, is a socket.
  (child.stdin as unknown as { unref(): void }).unref();
  for (const leftover of leftovers.values()) send(child, { does: 'add', leftover });
  // Waits for its end: where process 1 is no init (containers), it would stay a zombie.
  process.once('beforeExit', () => {
    child.ref();
    child.stdin!.end();
  });
}

function send({ stdin }: ChildProcess, message: ReaperMessage): void {
  stdin!.write(`${JSON.stringify(message)}\n`);
}
