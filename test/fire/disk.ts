import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRun } from '../../src/analysis/run/read-run.ts';
import { findJournal } from '../../src/journal/journal-place.ts';
import { readJournalRecords } from '../../src/journal/journal-reader.ts';
import type { Fire, Outcome, Target } from './fire.ts';
import { createWorkplace, QUOTALAB, type Workplace } from './workplace.ts';

/** More than the largest file of these runs has: their journals, and for `charts` a picture. */
const MAX_BYTES = 100_000;
const BLOCK_BYTES = 512;

const scenario = (time: string, iterations = 20): string => `name: fire
time: ${time}
provider: { limits: [{ name: few, unit: requests, refill: 5/s }], latency: { firstToken: 20ms, perToken: 0ms } }
client: { module: ./client.mjs }
load: [{ executor: per-vu-iterations, vus: 4, iterations: ${iterations}, maxDuration: 10s }]
`;

interface Case {
  readonly scenario?: string;
  readonly args: readonly string[];
  readonly maxBytes?: number;
}

const RUN = ['run', 'scenario.yaml', '-q', '--no-confirm', '-o', 'report'];
const EXEC = ['exec', '-q', '--first-token', '20ms', '--per-token', '0ms', '-o', 'report', '--'];

const CASES: Readonly<Record<string, Case>> = {
  virtual: { scenario: scenario('virtual'), args: RUN },
  wall: { scenario: scenario('wall'), args: RUN },
  charts: { scenario: scenario('virtual', 2), args: RUN, maxBytes: 50_000 },
  model: { scenario: scenario('model'), args: RUN },
  exec: { args: [...EXEC, process.execPath, 'program.mjs', '1500'] },
};

const targets = (room: Room) =>
  Object.entries(CASES).map(([name, one]) => [`${name}-${room}`, filling(one, room)] as const);

/** Leaves a run room for so many bytes: one sentence, the right exit code, and what was seen is kept and judged. */
export const disk: Fire = {
  title: 'full disk',
  targets: Object.fromEntries([...targets('limit'), ...(canMount() ? targets('disk') : [])]),
};

/**
 * What is too small: a file (`ulimit -f`), the stand-in for a full disk that any user can have, or a disk of its own for the
 * reports, which only root can mount.
 */
type Room = 'limit' | 'disk';

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const place = createWorkplace();
  try {
    return mountDisk(place, MAX_BYTES);
  } finally {
    unmountDisk(place);
    place.remove();
  }
}

function mountDisk({ folder }: Workplace, bytes: number): boolean {
  mkdirSync(join(folder, 'report'));
  // A size of 0 would be no limit.
  const size = `size=${Math.max(4096, bytes)}`;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'none', join(folder, 'report')]).status === 0;
}

function unmountDisk({ folder }: Workplace): void {
  spawnSync('umount', [join(folder, 'report')]);
}

function filling(one: Case, room: Room): Target {
  return async (share) => {
    const place = createWorkplace(one.scenario);
    const bytes = Math.floor(share * (one.maxBytes ?? MAX_BYTES));
    try {
      if (room === 'disk') mountDisk(place, bytes);
      return await fillOnce(place, one, room === 'limit' ? Math.floor(bytes / BLOCK_BYTES) : undefined);
    } finally {
      if (room === 'disk') unmountDisk(place);
      place.remove();
    }
  };
}

/** `blocks`: what a file may have at most, in units of 512 bytes. */
async function fillOnce(place: Workplace, { args }: Case, blocks?: number): Promise<Outcome> {
  // The unit is POSIX's: other shells than sh have others.
  const limited = blocks === undefined ? [] : ['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh'];
  const { code, stdout, stderr } = await place.start(args, [...limited, ...QUOTALAB]).ended;
  const report = join(place.folder, 'report');
  const hit = stderr.includes('not-writable');
  const sentences = stderr.match(/\(\w+\/not-writable\)/g)?.length ?? 0;
  const problems = [
    ...(hit ? refusalProblems({ code, stdout, sentences }) : []),
    ...(/\n\s+at .*:\d+/.test(stderr) ? [`a stack trace: ${stderr}`] : []),
    ...(/unexpected/.test(stderr) ? [`unexpected: ${stderr}`] : []),
    ...readdirSync(report)
      .filter((name) => name.endsWith('.part'))
      .map((name) => `${name} is left`),
  ];
  const { found, problem } = readAttempts(findJournal(join(report, 'journal.jsonl')));
  return { hit, expected: found, found, problems: problem === undefined ? problems : [...problems, problem] };
}

function refusalProblems({
  code,
  stdout,
  sentences,
}: Record<'code', number | null> & { stdout: string; sentences: number }): string[] {
  return [
    ...(code === 2 ? [] : [`exit code ${code}`]),
    ...(sentences === 1 ? [] : [`${sentences} sentences`]),
    ...(/PASSED|FAILED|PARTIAL|NOT TESTED|UNDECIDED/.test(stdout) ? [] : ['what was seen is not judged']),
  ];
}

/** The journal is empty, or ends with a complete line. */
function readAttempts(journal: string): { readonly found: number; readonly problem?: string } {
  const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
  if (text === '') return { found: 0 };
  if (journal.endsWith('.jsonl') && !text.endsWith('\n'))
    return { found: 0, problem: 'the journal ends within a line' };
  try {
    return { found: readRun(readJournalRecords(journal)).attempts.length };
  } catch (error) {
    return { found: 0, problem: `the journal cannot be read: ${(error as Error).message}` };
  }
}
