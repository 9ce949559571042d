import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRun } from '../src/analysis/run/read-run.ts';
import type { Run } from '../src/analysis/run/run-view.ts';
import { readJournalRecords } from '../src/journal/journal-reader.ts';
import { createWorkplace, QUOTALAB, QUOTALAB_ON_OLD_NODE, type Started, type Workplace } from './fire/workplace.ts';
import { quotalabHere } from './in-process.ts';
import { findByEnvironment, findDescendants, isRunning } from './processes.ts';
import { PYTHON } from './real-parts.ts';

/** Ten minutes of calls: each of these runs is ended before. */
const scenario = (client: string, load = '{ executor: constant-vus, vus: 1, duration: 10m }'): string => `name: ended
provider: { limits: [], latency: { firstToken: 20ms, perToken: 0ms } }
client: ${client}
load: [${load}]
`;
const WORKER = `{ command: [${process.execPath}, worker.mjs], protocol: worker }`;
const RUN = ['run', 'scenario.yaml', '-q', '--no-charts', '-o', 'report'];
const EXEC = [
  'exec',
  '-q',
  '--no-charts',
  '--unlimited',
  '--first-token',
  '20ms',
  '--per-token',
  '0ms',
  '-o',
  'report',
];
const PROGRAM = ['--', process.execPath, 'program.mjs', '600000'];

let place: Workplace;
beforeEach(() => {
  place = createWorkplace(scenario(WORKER));
});
afterEach(async () => {
  await gone();
  place.remove();
});

/** Waits until no process of this place is left. */
async function gone(): Promise<void> {
  await until(() => findByEnvironment(`FIRE=${place.mark}`).length === 0);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((go) => setTimeout(go, 20));
}

const answered = (): Promise<void> => until(() => place.completed() > 1);
const said = ({ child }: Started, text: string): Promise<void> => {
  let output = '';
  return new Promise((resolve) =>
    child.stdout!.on('data', (piece: Buffer) => {
      output += piece.toString();
      if (output.includes(text)) resolve();
    }),
  );
};
const readJournal = (): Run => readRun(readJournalRecords(join(place.folder, 'report', 'journal.jsonl')));

describe('on a machine whose Node is too old, the process that starts a newer one', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on: the run is reported', async (signal) => {
    const { child, ended } = place.start(RUN, QUOTALAB_ON_OLD_NODE);
    await answered();
    expect(findDescendants(child.pid).length).toBeGreaterThan(1);
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).toContain('PARTIAL: the run was interrupted');
    await gone();
  });

  it('counts a signal to both of them once: the reports are not skipped', async () => {
    const { child, ended } = place.start(RUN, QUOTALAB_ON_OLD_NODE);
    await answered();
    process.kill(-child.pid, 'SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).toContain('PARTIAL: the run was interrupted');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends a server on %s', async (signal) => {
    const started = place.start(['serve', '--port', '0'], QUOTALAB_ON_OLD_NODE);
    await said(started, 'mock at');
    started.child.kill(signal);
    expect((await started.ended).code).toBe(0);
    await gone();
  });

  it('killed: the run is over and reported all the same', async () => {
    const { child } = place.start(RUN, QUOTALAB_ON_OLD_NODE);
    await answered();
    child.kill('SIGKILL');
    await gone();
    expect(readJournal().stopped).toBe('interrupted');
    expect(existsSync(join(place.folder, 'report', 'summary.json'))).toBe(true);
  });

  it('ends as the run does', async () => {
    const { child, ended } = place.start([...EXEC, '--', 'sh', '-c', 'kill -9 $$'], QUOTALAB_ON_OLD_NODE);
    expect(child.pid).toBeGreaterThan(0);
    expect((await ended).code).toBe(137);
  });
});

describe('after kill -9', () => {
  it('of a run: programs that do not read their stdin end', async () => {
    writeFileSync(
      join(place.folder, 'scenario.yaml'),
      scenario('{ command: [sh, -c, "echo 1 >>started; sleep 600"] }'),
    );
    const { child } = place.start(RUN);
    await until(() => existsSync(join(place.folder, 'started')));
    expect(findByEnvironment(`FIRE=${place.mark}`).length).toBeGreaterThan(1);
    child.kill('SIGKILL');
    await gone();
  });

  it('of exec: its program ends, and the journal has the attempts until then, joined to calls', async () => {
    const { child } = place.start([...EXEC, ...PROGRAM]);
    await answered();
    const [program] = findByEnvironment('QUOTALAB_RUN=').filter((pid) =>
      findDescendants(child.pid).includes(Number(pid)),
    );
    expect(program).toBeDefined();
    const completed = place.completed();
    child.kill('SIGKILL');
    await gone();
    const { attempts, calls, stopped } = readJournal();
    expect(stopped).toBe('cut-off');
    expect(attempts.length).toBeGreaterThanOrEqual(completed - 1);
    expect(calls.length).toBeGreaterThan(0);
    expect(attempts.some(({ call }) => call !== null)).toBe(true);
  });

  it('of the reaper: the run goes on, and what it starts later has another', async () => {
    const load = '{ executor: shared-iterations, vus: 1, iterations: 12, maxDuration: 10m }';
    writeFileSync(join(place.folder, 'scenario.yaml'), scenario(`{ command: [${process.execPath}, call.mjs] }`, load));
    const { child, ended } = place.start([...RUN, '--allow-inconclusive']);
    await answered();
    const reapers = (): number[] => findDescendants(child.pid).filter(isReaper);
    const [first] = reapers();
    process.kill(first!, 'SIGKILL');
    const others = (): number[] => reapers().filter((pid) => pid !== first);
    await until(() => others().length > 0 || child.exitCode !== null);
    expect(others()).toHaveLength(1);
    expect((await ended).code).toBe(0);
    expect(place.completed()).toBe(12);
  });
});

const isReaper = (pid: number): boolean =>
  isRunning(pid) && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'ql-reaper\n';

describe.skipIf(!existsSync(PYTHON))('when the terminal closes', () => {
  const inTerminal = [PYTHON, new URL('fixtures/exec/closed_terminal.py', import.meta.url).pathname];

  it.each([
    ['itself', QUOTALAB],
    ['started by an older Node', QUOTALAB_ON_OLD_NODE],
  ])('exec, %s, ends its program and writes the reports', async (_, quotalab) => {
    const script = `echo ready; exec ${process.execPath} program.mjs 600000`;
    place.start([...quotalab, ...EXEC, '--', 'sh', '-c', script], inTerminal);
    await until(() => existsSync(join(place.folder, 'report', 'summary.json')));
    await gone();
    expect(readJournal().stopped).toBe('interrupted');
  });

  it('a run writes its reports', async () => {
    writeFileSync(
      join(place.folder, 'client.mjs'),
      `export default async () => { console.error('ready'); await fetch(process.env.OPENAI_BASE_URL); }`,
    );
    writeFileSync(join(place.folder, 'scenario.yaml'), scenario('{ module: ./client.mjs }'));
    place.start([...QUOTALAB, ...RUN.filter((flag) => flag !== '-q')], inTerminal);
    await until(() => existsSync(join(place.folder, 'report', 'summary.json')));
    await gone();
    expect(readJournal().stopped).toBe('interrupted');
  });
});

it('a report folder that is taken away during the run: one sentence, and what was seen is judged', async () => {
  const load = '{ executor: shared-iterations, vus: 1, iterations: 5, maxDuration: 10m }';
  writeFileSync(join(place.folder, 'scenario.yaml'), scenario('{ module: ./client.mjs }', load));
  const { ended } = place.start([...RUN, '--allow-inconclusive']);
  await until(() => place.completed() > 0);
  rmSync(join(place.folder, 'report'), { recursive: true });
  const { code, stdout, stderr } = await ended;
  expect(stderr).toMatch(
    /^quotalab: cannot write .*\/report\/summary\.json: ENOENT: no such file or directory \(report\/not-writable\)\n$/m,
  );
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toMatch(/\n {2}(PASSED|FAILED|NOT TESTED|UNDECIDED) /);
  expect(code).toBe(2);
});

it.each(['wall', 'virtual', 'model'])('a run without a call does not pass (%s)', async (time) => {
  const load = '{ executor: constant-arrival-rate, rate: 1/h, arrivals: poisson, duration: 1s }';
  const client = '{ module: ./client.mjs, model: openai-node }';
  writeFileSync(join(place.folder, 'scenario.yaml'), `time: ${time}\n${scenario(client, load)}`);
  const { code, stdout, stderr } = await quotalabHere([...RUN, '--allow-inconclusive'], { cwd: place.folder });
  expect(stdout).toContain('FAILED the client was not tested');
  expect(stderr).toContain('the load started no call, so nothing was tested (run/no-calls)');
  expect(code).toBe(2);
});
