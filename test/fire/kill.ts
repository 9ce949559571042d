import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRun } from '../../src/analysis/run/read-run.ts';
import { findJournal } from '../../src/journal/journal-place.ts';
import { readJournalRecords } from '../../src/journal/journal-reader.ts';
import { findByCwd, findByEnvironment, findDescendants, isRunning } from '../processes.ts';
import { hasParts, PYTHON } from '../real-parts.ts';
import type { Fire, Outcome, Target } from './fire.ts';
import { createWorkplace, QUOTALAB, QUOTALAB_ON_OLD_NODE, type Started, type Workplace } from './workplace.ts';

/** The first part of all instants lies in the start of the run, up to its first answer. */
const START_SHARE = 0.15;
/** How long a run takes to start at least. */
const START_MS = 400;
/** From the first answer on. The last instants lie in the writing of the reports, or after the end. */
const RUN_MS = 2500;
const LOAD_MS = 2000;
/** A run sends its records to the file once a turn of the event loop, in virtual time every tenth of a second. */
const VIRTUAL_DELAY_MS = 1000;
const END_TIMEOUT_MS = 10_000;
/** The journal of a run of users that call one after the other may lack the last attempt of each. */
const USERS = 3;

const scenario = (client: string, more = '', time = 'wall'): string => `name: fire
time: ${time}
provider: { limits: [], latency: { firstToken: 20ms, perToken: 0ms } }
client: ${client}
load: [{ executor: constant-vus, vus: ${USERS}, duration: ${time === 'virtual' ? '24h' : `${LOAD_MS}ms`} }]
${more}`;

const RUN = ['run', 'scenario.yaml', '-q', '--no-confirm', '-o', 'report'];
const EXEC = ['exec', '-q', '--unlimited', '--first-token', '20ms', '--per-token', '0ms', '-o', 'report', '--'];
const PROGRAM = [process.execPath, 'program.mjs', String(LOAD_MS)];

/** A run that is killed: the programs that it has started, and the one that has started it. */
interface Victim {
  readonly scenario?: string;
  readonly args: readonly string[];
  readonly program?: readonly string[];
  /** Attempts that were completed last and need not be in the journal; undefined: those of the last `VIRTUAL_DELAY_MS`. */
  readonly unwritten?: number;
}

const VICTIMS: Readonly<Record<string, Victim>> = {
  wall: { scenario: scenario('{ module: ./client.mjs }'), args: RUN, unwritten: USERS },
  call: { scenario: scenario(`{ command: [${process.execPath}, call.mjs] }`), args: RUN, unwritten: USERS },
  worker: {
    scenario: scenario(`{ command: [${process.execPath}, worker.mjs], protocol: worker, workers: 2 }`),
    args: RUN,
    unwritten: USERS,
  },
  ...(hasParts(['nginx']) && {
    gateway: {
      scenario: scenario(
        '{ module: ./client.mjs }',
        "gateway: { command: [nginx, -p, '{folder}', -c, '{config}', -e, stderr, -g, 'daemon off;'], config: ./nginx.conf }",
      ),
      args: RUN,
      unwritten: USERS,
    },
  }),
  ...(hasParts(['faketime']) && {
    scaled: {
      scenario: scenario(`{ command: [${PYTHON}, call.py] }`, '', '{ scaled: 2 }'),
      args: RUN,
      unwritten: USERS,
    },
  }),
  virtual: { scenario: scenario('{ module: ./client.mjs }', '', 'virtual'), args: RUN },
  exec: { args: [...EXEC, ...PROGRAM], unwritten: 1 },
  serve: { args: ['serve', '--port', '0'] },
  'old-node-run': {
    scenario: scenario(`{ command: [${process.execPath}, worker.mjs], protocol: worker }`),
    args: RUN,
    program: QUOTALAB_ON_OLD_NODE,
    unwritten: USERS,
  },
  'old-node-exec': { args: [...EXEC, ...PROGRAM], program: QUOTALAB_ON_OLD_NODE, unwritten: 1 },
  'old-node-serve': { args: ['serve', '--port', '0'], program: QUOTALAB_ON_OLD_NODE },
};

/** Kills runs at random instants: nothing that they have started is left, and what they have seen is readable. */
export const kill: Fire = {
  title: 'kill -9',
  targets: Object.fromEntries(Object.entries(VICTIMS).map(([name, victim]) => [name, killing(victim)])),
};

function killing(victim: Victim): Target {
  return async (share) => {
    const place = createWorkplace(victim.scenario);
    try {
      return await killOnce(place, victim, share);
    } finally {
      place.remove();
    }
  };
}

async function killOnce(place: Workplace, victim: Victim, share: number): Promise<Outcome> {
  const { child, ended } = place.start(victim.args, victim.program ?? QUOTALAB);
  await waitForInstant(place, { child, ended }, share);
  const { unwritten } = victim;
  const before = place.completed();
  if (unwritten === undefined) await sleep(VIRTUAL_DELAY_MS);
  const expected = unwritten === undefined ? before : Math.max(0, place.completed() - unwritten);
  const hit = child.exitCode === null;
  const started = findDescendants(child.pid);
  child.kill('SIGKILL');
  const { code, stderr } = await ended;
  const problems = await findLeft(place, started);
  if (code === 2) problems.push(`the run ended by itself: ${stderr}`);
  const journal = findJournal(join(place.folder, 'report', 'journal.jsonl'));
  if (!existsSync(journal)) {
    return { hit, expected, found: 0, problems: expected > 0 ? [...problems, 'there is no journal'] : problems };
  }
  const { found, problem } = readAttempts(journal);
  if (problem !== undefined) problems.push(problem);
  if (found < expected) problems.push(`only ${found} of ${expected} attempts are readable`);
  return { hit, expected, found, problems };
}

async function waitForInstant(place: Workplace, { child, ended }: Started, share: number): Promise<void> {
  const wait = (ms: number): Promise<unknown> => Promise.race([sleep(ms), ended]);
  if (share < START_SHARE) return void (await wait((share / START_SHARE) * START_MS));
  // A server has no client here: it is ready when it says so.
  const said = new Promise((resolve) => child.stdout!.once('data', resolve));
  while (place.completed() === 0 && child.exitCode === null) {
    const hasSpoken = await Promise.race([said.then(() => true), sleep(20).then(() => false), ended]);
    if (hasSpoken === true) break;
  }
  await wait(((share - START_SHARE) / (1 - START_SHARE)) * RUN_MS);
}

/** Waits for everything to end, and returns what does not. */
async function findLeft({ folder, mark }: Workplace, started: readonly number[]): Promise<string[]> {
  const findProcesses = (): Set<number> =>
    new Set([...started.filter(isRunning), ...findByEnvironment(`FIRE=${mark}`).map(Number), ...findByCwd(folder)]);
  for (let waitedMs = 0; findProcesses().size > 0 && waitedMs < END_TIMEOUT_MS; waitedMs += 50) await sleep(50);
  const processes = findProcesses();
  for (const pid of processes) process.kill(pid, 'SIGKILL');
  const folders = readdirSync(join(folder, 'tmp')).filter((name) => name.startsWith('quotalab-'));
  return [
    ...(processes.size > 0 ? [`processes are left: ${[...processes].join(', ')}`] : []),
    ...(folders.length > 0 ? [`folders are left: ${folders.join(', ')}`] : []),
  ];
}

function readAttempts(journal: string): { readonly found: number; readonly problem?: string } {
  // Killed before the header was written.
  if (statSync(journal).size === 0) return { found: 0 };
  try {
    const run = readRun(readJournalRecords(journal));
    return { found: run.attempts.filter(({ outcome }) => outcome === 'response').length };
  } catch (error) {
    return { found: 0, problem: `the journal cannot be read: ${(error as Error).message}` };
  }
}
