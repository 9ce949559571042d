/**
 * Program that removes what a run leaves behind when its process ends without doing so, by SIGKILL for example. It reads
 * `ReaperMessage`s on stdin, whose end is the end of the run's process.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Leftover, ReaperMessage } from './leftovers.ts';
import { findListeners } from './listeners.ts';
import { findMarked, isAlive, SHUTDOWN_GRACE_MS, sendSignal } from './proc.ts';

const POLL_INTERVAL_MS = 20;

/** A program that was just being started is found only once it runs: look again this often after nothing was found. */
const QUIET_ROUNDS = 5;

/** Gives up on processes that cannot be killed (another user's, or in an endless system call). */
const MAX_ROUNDS = 250;

// Neither `pkill -f quotalab` nor `killall node`, which are meant for the run, finds this name.
process.title = 'ql-reaper';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const leftovers = new Map<string, Leftover>();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { does, leftover } = JSON.parse(line) as ReaperMessage;
    if (does === 'add') leftovers.set(String(leftover), leftover);
    else leftovers.delete(String(leftover));
  })
  .on('close', () => void removeAll([...leftovers.values()]));

/** Ends programs, by SIGTERM first, and then removes files. */
async function removeAll(all: readonly Leftover[]): Promise<void> {
  const gracefulRounds = SHUTDOWN_GRACE_MS / POLL_INTERVAL_MS;
  for (let round = 0, quiet = 0; all.length > 0 && round < MAX_ROUNDS && quiet < QUIET_ROUNDS; round++) {
    const targets = all.flatMap(findTargets);
    const signal = round < gracefulRounds ? 'SIGTERM' : 'SIGKILL';
    // Once is enough to ask: programs may take a second SIGTERM for impatience.
    if (round === 0 || signal === 'SIGKILL') for (const target of targets) sendSignal(target, signal);
    quiet = targets.length === 0 ? quiet + 1 : 0;
    await sleep(POLL_INTERVAL_MS);
  }
  for (const [kind, path] of all) if (kind === 'path') rmSync(path, { recursive: true, force: true });
}

/** Returns ids for `kill`; that of a group is negative. */
function findTargets(leftover: Leftover): number[] {
  switch (leftover[0]) {
    case 'group':
      return [-leftover[1]].filter(isAlive);
    case 'process':
      return [leftover[1]].filter(isAlive);
    case 'mark':
      return findMarked(leftover[1]);
    case 'listener':
      return findListeners(leftover[1], leftover[2]);
    case 'path':
      return [];
  }
}
