import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isRejected } from '../src/analysis/run/attempts.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { readJournal } from '../src/journal/journal-reader.ts';
import { quotalabHere as quotalab } from './in-process.ts';
import type { Ended } from './quotalab.ts';
import { describeWith, type Part, PYTHON } from './real-parts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(`${root}docs/commands.md`, 'utf8');

/** The examples of docs/commands.md, by language and protocol. */
const examples = new Map(
  [...page.matchAll(/<!-- example: (\w+ \w+) -->\n```\w+\n(.*?)```/gs)].map(([, name, text]) => [name!, text!]),
);

/** The command of an example; compiled languages are built in `folder`. */
const LANGUAGES: Readonly<Record<string, (folder: string, file: string) => readonly string[]>> = {
  python: (_folder, file) => [PYTHON, file],
  node: (_folder, file) => [process.execPath, file],
  shell: (_folder, file) => ['sh', file],
  go(folder, file) {
    const { status, stderr } = spawnSync('go', ['build', '-o', 'client', file], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod', GO111MODULE: 'off', HOME: folder },
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return ['./client'];
  },
};
const ENDINGS: Readonly<Record<string, string>> = { python: 'py', node: 'mjs', shell: 'sh', go: 'go' };

/** Eight calls by four users, four of them admitted; no long waits. */
const scenario = (client: string): string => `name: example
provider: { retryAfter: none, limits: [{ name: requests, capacity: 4, refill: 1/hour }] }
client: ${client}
load: [{ executor: per-vu-iterations, vus: 4, iterations: 2, maxDuration: 50s }]
verdicts: { gives-up-early: off }
`;

async function run(client: string, folder: string): Promise<Ended> {
  writeFileSync(join(folder, 'scenario.yaml'), scenario(client));
  return quotalab(['run', 'scenario.yaml', '-q', '--no-charts', '--allow-inconclusive', '-o', 'report'], {
    cwd: folder,
  });
}

function folderFor(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `quotalab-${name.replace(' ', '-')}-`));
  symlinkSync(`${root}node_modules`, join(folder, 'node_modules'));
  return folder;
}

/** Runs an example and expects four replies, with every request attributed to its call. */
async function check(name: string): Promise<void> {
  const [language, protocol] = name.split(' ') as [string, string];
  const folder = folderFor(name);
  const file = `client.${ENDINGS[language]}`;
  writeFileSync(join(folder, file), examples.get(name)!);
  const command = LANGUAGES[language]!(folder, file);
  const ended = await run(`{ command: ${JSON.stringify(command)}, protocol: ${protocol}, model: none }`, folder);
  expect(ended).toMatchObject({ code: 0 });
  const { calls, attempts } = readRun(await readJournal(join(folder, 'report/journal.jsonl')));
  expect(calls.map(({ result }) => result).sort()).toEqual([...Array(4).fill('error'), ...Array(4).fill('ok')]);
  expect(new Set(attempts.map(({ joinedBy }) => joinedBy))).toEqual(new Set(['tag']));
  expect(attempts.filter((attempt) => !isRejected(attempt))).toHaveLength(4);
}

describe('the examples of docs/commands.md', () => {
  const needs: Readonly<Record<string, readonly Part[]>> = {
    'python call': [],
    'node call': [],
    'shell call': ['jq', 'curl'],
    'go call': ['golang-go'],
    'python worker': ['python3-aiohttp'],
    'node worker': [],
    'shell worker': ['jq', 'curl'],
    'go worker': ['golang-go'],
  };
  it('are complete', () => expect([...examples.keys()]).toEqual(Object.keys(needs)));
  for (const [name, parts] of Object.entries(needs)) {
    describeWith(parts, name, () => {
      it('gets four replies, and every request is attributed to its call', () => check(name));
    });
  }
});

describe('an invalid command', () => {
  const client = async (text: string, files: Readonly<Record<string, string>> = {}): Promise<Ended> => {
    const folder = folderFor('bad');
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return run(text, folder);
  };

  it.each([
    ['is missing', '{ command: [nonesuch] }', 'client.command[0]', 'nonesuch cannot be started: is not on the PATH'],
    ['is in the folder, not on the PATH', '{ command: [client.sh] }', 'client.command[0]', 'did you mean ./client.sh?'],
    ['is not executable', '{ command: [./client.sh] }', 'client.command[0]', 'is not executable: chmod +x '],
    ['is a folder', '{ command: [./node_modules] }', 'client.command[0]', 'is not a file: '],
    ['is empty', '{ command: [] }', 'client.command', 'must have at least 1 entry'],
    ['has no name', '{ command: [""] }', 'client.command[0]', 'must not be empty'],
    [
      'is a text',
      '{ command: python3 client.py }',
      'client.command',
      'must be an array, not "python3 client.py" ([python3, client.py])',
    ],
    ['is two things', '{ command: [sh], module: ./client.sh }', 'client.command', 'cannot be combined with module'],
    ['has workers without protocol: worker', '{ command: [sh], workers: 2 }', 'client.workers', 'protocol: worker'],
    ['is missing for a protocol', '{ model: none, protocol: worker }', 'client.protocol', 'requires command'],
  ])('%s: exit code 2 and where to look', async (_name, text, path, message) => {
    // Executable for nobody, or a file of that name.
    const { code, stderr } = await client(text, { 'client.sh': 'echo 1\n' });
    expect(stderr).toContain(path);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each([
    ['has no interpreter', '#!/no/such/shell -e\n', 'does not exist: /no/such/shell'],
    ['was written on Windows', '#!/usr/bin/env python3\r\nprint(1)\r\n', 'has Windows line endings'],
  ])('%s: reports the cause, not a missing script', async (_name, text, message) => {
    const folder = folderFor('script');
    writeFileSync(join(folder, 'client'), text, { mode: 0o755 });
    const { code, stderr } = await run('{ command: [./client] }', folder);
    expect(stderr).toContain('./client cannot be started: the ');
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each([
    ['a program that never ends', '{ command: [sh, -c, "sleep 60"] }', 'the program never ends'],
    [
      'a worker without ids',
      '{ command: [sed, -u, "s/.*/[1]/"], protocol: worker }',
      'the worker answered none of them',
    ],
  ])('%s: explains what is expected', async (_name, text, message) => {
    const folder = folderFor('endless');
    writeFileSync(join(folder, 'endless.yaml'), scenario(text));
    const load = 'load=[{ executor: per-vu-iterations, vus: 2, iterations: 1, maxDuration: 3s, gracefulStop: 200ms }]';
    const { code, stderr } = await quotalab(['run', 'endless.yaml', '-q', '--no-charts', '--set', load], {
      cwd: folder,
    });
    expect(stderr).toContain(`none of 2 calls ended: ${message}`);
    expect(code).toBe(2);
  });

  it('cannot run in virtual time', async () => {
    const folder = folderFor('virtual');
    writeFileSync(join(folder, 's.yaml'), `time: virtual\n${scenario('{ command: [sh, -c, "echo 1"] }')}`);
    const { code, stderr } = await quotalab(['run', 's.yaml'], { cwd: folder });
    expect(stderr).toContain('cannot be virtual for a command, which runs in wall, scaled or model time');
    expect(code).toBe(2);
  });

  it('that sends no request does not pass', async () => {
    const { code, stderr } = await client('{ command: [sh, -c, "echo 1"] }');
    expect(stderr).toContain('none of 8 calls sent a request to the mock (client/no-requests)');
    expect(stderr).toContain('does it read OPENAI_BASE_URL');
    expect(code).toBe(2);
  });

  it('that fails on every call: its own message and exit code 2', async () => {
    const { code, stderr } = await client('{ command: [python3, nonesuch.py] }');
    expect(stderr).toContain('the first 3 calls of the client had no result');
    expect(stderr).toMatch(/client\.command: .*nonesuch\.py.*No such file or directory/s);
    expect(code).toBe(2);
  });
});
