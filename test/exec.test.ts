import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord } from '../src/journal/call-records.ts';
import type { EndRecord, HeaderRecord, JournalRecord } from '../src/journal/record.ts';
import { findLiving } from './processes.ts';
import { BIN, quotalab } from './quotalab.ts';
import { describeWith, PYTHON } from './real-parts.ts';

const FIXTURES = fileURLToPath(new URL('fixtures/exec/', import.meta.url));
const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

const folder = (): string => mkdtempSync(join(tmpdir(), 'quotalab-exec-'));

/** `quotalab exec` without charts, in a fresh folder. */
async function exec(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cwd = folder();
  const ended = await quotalab(['exec', '--no-charts', '--no-github', ...args], { cwd, env });
  return { cwd, ...ended };
}

function journalIn(cwd: string): JournalRecord[] {
  const text = readFileSync(join(cwd, 'reports', 'exec', 'journal.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalRecord);
}

const attemptsIn = (cwd: string): AttemptRecord[] => journalIn(cwd).filter((record) => record.type === 'attempt');
const endIn = (cwd: string): EndRecord => journalIn(cwd).findLast((record) => record.type === 'end')!;

/** Sends one request to the OpenAI mock per argument and prints the statuses. */
const REQUESTS = `
const send = async (content) => (await fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
  method: 'POST',
  headers: { authorization: 'Bearer ' + process.env.OPENAI_API_KEY, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }),
})).status;
const statuses = [];
for (const content of process.argv.slice(1)) statuses.push(await send(content));
console.log('statuses', ...statuses);
`;
const requestsCommand = (...contents: string[]): string[] => [
  process.execPath,
  '--input-type=module',
  '-e',
  REQUESTS,
  '--',
  ...contents,
];

describe('the verdicts', () => {
  it('on an impatient Python program, unchanged: its behaviour, missing evidence, exit code 99', async () => {
    const args = ['--limit', 'requests 1/h burst 3', '--', PYTHON, join(FIXTURES, 'impatient.py')];
    const { cwd, code, stdout, stderr } = await exec(args);
    expect(stdout).toMatch(/^3 answered\n\n {2}exec {2}wall time, /);
    // A long folder is cut.
    expect(stdout).toMatch(/^ {4}\S*python3 \S*\/fixtures\/exec\/impatient\.py$/m);
    expect(stdout).toMatch(/\n {2}FAILED ignores-retry-after [\s\S]*the program itself exited with 0/);
    expect(stdout).toContain('joined    to 10 calls by body and time 31; 31 of 31 by guess');
    expect(stdout).toContain('✗ ignores-retry-after 100% of retries');
    expect(stdout).toMatch(/limit {5}requests: .*refused 28/);
    expect(stdout).not.toContain('start_lateness');
    expect(stderr).toContain('quotalab: limit requests: 1 request an hour, bursts of up to 3');
    expect(code).toBe(99);
    const again = await quotalab(['report', join('reports', 'exec', 'journal.jsonl'), '--no-charts'], { cwd });
    expect(again.code).toBe(99);
    expect(again.stdout).toBe(stdout.slice(stdout.indexOf('\n') + 1));
  });

  it('on a vitest suite with the OpenAI SDK: its own output, its retries attributed', async () => {
    const args = ['--fault', '{ status: 503, first: 3 }', '--unlimited'];
    const suite = [process.execPath, VITEST, 'run', '--root', FIXTURES];
    const { cwd, code, stdout } = await exec([...args, '--', ...suite]);
    expect(stdout).toMatch(/Tests .*6 passed/);
    const attempts = attemptsIn(cwd);
    expect(attempts.filter(({ status }) => status === 503)).toHaveLength(3);
    expect(attempts.filter(({ status }) => status === 200)).toHaveLength(6);
    expect(new Set(attempts.map(({ call }) => call))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    expect(code).toBe(0);
  });

  describeWith(['python3-pytest'], 'a pytest suite', () => {
    it('fails with its own exit code', async () => {
      const suite = [PYTHON, '-B', '-m', 'pytest', '-p', 'no:cacheprovider', FIXTURES];
      const { cwd, code, stdout } = await exec(['--limit', 'requests 1/h burst 2', '--', ...suite]);
      expect(stdout).toContain('1 failed, 2 passed');
      expect(attemptsIn(cwd).map(({ status }) => status)).toEqual([200, 200, 429, 429, 429, 429]);
      expect(code).toBe(1);
    });
  });

  describeWith(['python3-aiohttp'], "the article's client", () => {
    it('runs unchanged: attempts of a call stay together across rotating keys', async () => {
      const client = fileURLToPath(new URL('../scenarios/article-python/client.py', import.meta.url));
      const { cwd, code, stdout } = await exec(['--', PYTHON, client]);
      const [, made] = /^(\d+) calls by \d+ users/.exec(stdout) ?? [];
      expect(Number(made)).toBeGreaterThan(0);
      expect(stdout).toContain(`to ${made} calls by body and time`);
      expect(stdout).toMatch(/\n {2}(PASSED|FAILED) /);
      const refused = attemptsIn(cwd).filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(0);
      const calls = Map.groupBy(attemptsIn(cwd), ({ call }) => call);
      const keysIn = (call: number | null): number => new Set(calls.get(call)!.map(({ key }) => key)).size;
      expect(Math.max(...refused.map(({ call }) => keysIn(call)))).toBeGreaterThan(1);
      // The number of refused calls depends on the machine; exit code and verdicts must agree.
      const { verdicts } = JSON.parse(readFileSync(join(cwd, 'reports', 'exec', 'summary.json'), 'utf8')) as {
        verdicts: { severity: string; status: string }[];
      };
      const hasFailed = verdicts.some(({ severity, status }) => severity === 'error' && status === 'fail');
      expect(stdout.includes('✗')).toBe(hasFailed);
      expect(code).toBe(hasFailed ? 99 : 0);
    }, 180_000);
  });

  it('uses verdicts and thresholds of a scenario, and reports to CI systems', async () => {
    const scenario = join(folder(), 'scenario.yaml');
    writeFileSync(
      scenario,
      "name: expected\nclient: { model: openai-node }\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]\nthresholds: { attempt_rejected: ['rate<0.1'] }\nprovider: { limits: [{ name: few, unit: requests, refill: 1/h }] }\n",
    );
    const { cwd, code, stdout } = await exec([
      '--scenario',
      scenario,
      '--junit',
      'junit.xml',
      '--',
      ...requestsCommand('a', 'b'),
    ]);
    expect(stdout).toContain('statuses 200 429');
    expect(stdout).toContain('✗ attempt_rejected 50% (< 10%)');
    expect(readFileSync(join(cwd, 'junit.xml'), 'utf8')).toContain('name="attempt_rejected rate&lt;0.1"');
    expect(code).toBe(99);
  });

  it('too little evidence fails with --strict, or if the scenario sets the verdict to error', async () => {
    const withVerdict = (setting: string): string[] => {
      const scenario = join(folder(), 'scenario.yaml');
      const load = 'load: [{ executor: constant-vus, vus: 1, duration: 1s }]';
      const text = `name: expected\nclient: { model: openai-node }\n${load}\nverdicts: { amplifies-load: ${setting} }\n`;
      writeFileSync(scenario, text);
      return ['--scenario', scenario, '--limit', 'requests 1/h burst 1', '--', ...requestsCommand('a', 'b')];
    };
    const [lenient, strict, required] = await Promise.all([
      exec(withVerdict('{ calls: 20 }')),
      exec(['--strict', ...withVerdict('{ calls: 20 }')]),
      exec(withVerdict('{ severity: error, calls: 20 }')),
    ]);
    expect(lenient.stdout).toContain('? amplifies-load not decided');
    expect(strict.stdout).toContain('✗ amplifies-load not decided');
    expect(required.stdout).toContain('✗ amplifies-load required, but not decided');
    expect([lenient.code, strict.code, required.code]).toEqual([0, 99, 99]);
  });

  it('--json: only the summary on stdout, the command’s output on stderr', async () => {
    const { code, stdout, stderr } = await exec(['--json', '--', ...requestsCommand('a')]);
    expect(JSON.parse(stdout)).toMatchObject({
      program: { exitCode: 0, missing: ['caller'] },
      attribution: { guess: 1, joinedBy: { 'body-hash': 1 } },
      partial: null,
    });
    expect(stderr).toContain('statuses 200');
    expect(code).toBe(0);
  });
});

describe('the environment', () => {
  describeWith(['python3-httpx'], 'with httpx', () => {
    it('points every SDK at its own provider with a shared quota, bypassing proxies', async () => {
      const nowhere = 'http://127.0.0.1:9';
      const proxies = { HTTP_PROXY: nowhere, http_proxy: nowhere, ALL_PROXY: nowhere, all_proxy: nowhere };
      const args = ['--limit', 'requests 1/h burst 2', '--', PYTHON, join(FIXTURES, 'every_sdk.py')];
      const { cwd, stdout } = await exec(args, proxies);
      expect(stdout).toMatch(/^200 200 429\n/);
      expect(attemptsIn(cwd).map(({ endpoint }) => endpoint)).toEqual([
        'chat.completions',
        'messages',
        'generateContent',
      ]);
      const buckets = attemptsIn(cwd).flatMap(({ limits }) => limits.map(({ bucket }) => bucket));
      expect(new Set(buckets)).toEqual(new Set(['requests[organization=org-quotalab]']));
    });
  });

  it('has a default limit, which --unlimited removes', async () => {
    const [default_, unlimited] = await Promise.all([
      exec(['--', ...requestsCommand('a')]),
      exec(['--unlimited', '--', ...requestsCommand('a')]),
    ]);
    const limitsOf = (cwd: string) => (journalIn(cwd)[0] as HeaderRecord).scenario.provider.limits;
    expect(limitsOf(default_.cwd)).toMatchObject([
      { name: 'requests', scope: ['organization'], spec: { algorithm: 'fixed-window' } },
    ]);
    expect(default_.stderr).toContain('limit requests: 10 requests');
    expect(limitsOf(unlimited.cwd)).toEqual([]);
  });

  it('with Azure contains only Azure', async () => {
    const show =
      'console.log(process.env.AZURE_OPENAI_ENDPOINT, process.env.OPENAI_BASE_URL, process.env.OPENAI_API_KEY)';
    const env = { OPENAI_BASE_URL: 'https://api.openai.com/v1', OPENAI_API_KEY: 'sk-real-0123456789' };
    const { stdout, stderr } = await exec(['--dialect', 'azure', '--', process.execPath, '-e', show], env);
    expect(stdout).toMatch(/^http:\/\/127.0.0.1:\d+ undefined undefined\n/);
    expect(stderr).not.toContain('Anthropic');
  });

  it('no key of the command line is stored', async () => {
    const { cwd, stdout } = await exec([
      '--',
      ...requestsCommand('a'),
      '--api-key',
      'sk-secret-0123456789',
      'token=hunter2',
    ]);
    const journal = readFileSync(join(cwd, 'reports', 'exec', 'journal.jsonl'), 'utf8');
    expect(journal).toContain('--api-key … token=…');
    for (const secret of ['sk-secret', 'hunter2']) expect(journal + stdout).not.toContain(secret);
  });
});

describe('exit codes', () => {
  it.each([
    ['of the command, regardless of verdicts', ['sh', '-c', 'exit 7'], 7],
    ['of a killed command, as in shells', ['sh', '-c', 'kill -9 $$'], 137],
  ])('%s', async (_, command, expected) => {
    const { cwd, code, stdout } = await exec(['--', ...command]);
    expect(code).toBe(expected);
    expect(stdout).toContain(`the program exited with ${expected}`);
    expect(endIn(cwd)).toMatchObject({ exitCode: expected });
  });

  it('99 without a request, with a hint', async () => {
    const [silent, allowed] = await Promise.all([exec(['--', 'true']), exec(['--allow-no-requests', '--', 'true'])]);
    expect(silent.code).toBe(99);
    expect(silent.stdout).toContain('No request reached the mock server, so nothing was tested.');
    expect(silent.stdout).toContain('OPENAI_BASE_URL');
    expect(silent.stdout).toContain('FAILED no request reached the mock server');
    expect(allowed.stdout).toContain('NOT TESTED no request reached the mock server');
    expect(silent.stderr).toContain('(exec/no-requests)');
    expect(allowed.code).toBe(0);
  });

  it('2 for commands that cannot be run, with the reason and without reports', async () => {
    const script = join(folder(), 'script.sh');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o644 });
    const interpreter = join(folder(), 'script.sh');
    writeFileSync(interpreter, '#!/tmp\n', { mode: 0o755 });
    const fromWindows = join(folder(), 'windows.sh');
    writeFileSync(fromWindows, '#!/bin/sh\r\n', { mode: 0o755 });
    const [missing, words, bare, none, unstartable, windows] = await Promise.all([
      exec(['--', 'no-such-command']),
      exec(['--', 'pytest tests/']),
      exec(['--', script]),
      exec([]),
      exec(['-q', '--', interpreter]),
      exec(['--', fromWindows]),
    ]);
    const all = [missing, words, bare, none, unstartable, windows];
    expect(all.map(({ code }) => code)).toEqual(all.map(() => 2));
    expect(unstartable.stderr).toContain('could not be started: spawn');
    expect(missing.stderr).toContain('no-such-command: is not on the PATH');
    expect(words.stderr).toContain('pass the command unquoted: -- pytest tests/');
    expect(bare.stderr).toMatch(new RegExp(`is not executable: chmod \\+x ${script}\n$`));
    expect(windows.stderr).toContain('has Windows line endings');
    expect(none.stderr).toContain("missing required argument 'command'");
    for (const { cwd } of [missing, words, bare, windows]) expect(readdirSync(cwd)).toEqual([]);
  });

  it('flags after the command belong to it, with and without --', async () => {
    const { stdout, code } = await exec([
      '--allow-no-requests',
      'sh',
      '-c',
      'echo "$@"',
      'sh',
      '--json',
      '-q',
      '--help',
    ]);
    expect(stdout).toMatch(/^--json -q --help\n/);
    expect(code).toBe(0);
  });
});

describe('nothing is left running', () => {
  it.each([
    ['a child that outlives it', (mark: string) => `sleep ${mark} & exit 5`],
    ['a child that ignores SIGTERM', (mark: string) => `(trap "" TERM HUP; while :; do sleep ${mark}; done) & exit 5`],
    ['a child in another session', (mark: string) => `setsid sleep ${mark} & exit 5`],
    [
      'a daemon',
      (mark: string) => `(setsid sh -c 'cd /; (sleep ${mark} &) ; exit' >/dev/null 2>&1 </dev/null); exit 5`,
    ],
  ])('%s', async (name, script) => {
    const mark = markOf(name);
    const { code, stderr } = await exec(['--', 'sh', '-c', `${script(mark)}`]);
    expect(code).toBe(5);
    expect(stderr).toMatch(/the command left (1 process|\d processes) running; terminated:\n/);
    expect(stderr).toContain(`sleep ${mark}`);
    expect(findLiving(mark)).toEqual([]);
  });

  it('nothing is reported for a child that is about to end', async () => {
    const { stderr } = await exec(['-q', '--', 'sh', '-c', 'sleep 0.01 & exit 5']);
    expect(stderr).toBe('');
  });
});

describe('signals to quotalab', () => {
  it('SIGTERM is forwarded, and the traffic until then is reported', async () => {
    const mark = markOf('obeys');
    const { child, cwd, ended } = await start(`${requestOnce()}; echo ready; exec sleep ${mark}`);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({
      code: 143,
      stdout: expect.stringContaining('PARTIAL: the run was interrupted'),
    });
    expect(attemptsIn(cwd)).toHaveLength(1);
    expect(endIn(cwd)).toMatchObject({ stopped: 'interrupted', exitCode: 143 });
    expect(findLiving(mark)).toEqual([]);
  });

  it('SIGINT is forwarded without a terminal', async () => {
    const { child, ended } = await start('echo ready; exec sleep 600');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });

  it('a second signal kills a command that ignores the first', async () => {
    const mark = markOf('ignores');
    const { child, ended } = await start(`trap "" TERM HUP; echo ready; while :; do sleep 0.05 ${mark}; done`);
    child.kill('SIGTERM');
    child.kill('SIGHUP');
    const { code } = await ended;
    expect(code).toBe(137);
    expect(findLiving(mark)).toEqual([]);
  });

  it('a command that exits with 0 after a signal is complete, e.g. a stopped server', async () => {
    const { child, cwd, ended } = await start(
      `${requestOnce()}; trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done`,
    );
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(endIn(cwd)).not.toHaveProperty('stopped');
  });
});

describe.skipIf(!existsSync(PYTHON))('in a terminal', () => {
  const inTerminal = (typed: string, script: string) =>
    new Promise<{ code: number | null; said: string }>((resolve) => {
      const command = [process.execPath, BIN, 'exec', '--no-charts', '--no-github', '--', 'sh', '-c', script];
      const child = spawn(PYTHON, [join(FIXTURES, 'in_terminal.py'), typed, ...command], { cwd: folder() });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.on('close', (code) => resolve({ code, said }));
    });

  it('Ctrl-C ends the command, then the report is written', async () => {
    const { code, said } = await inTerminal('\\x03', 'echo ready; exec sleep 600');
    expect(said).toContain('PARTIAL: the run was interrupted');
    expect(code).toBe(130);
  });

  it('a command may handle Ctrl-C and continue', async () => {
    const script = 'trap "caught=1; echo caught" INT; echo ready; while [ -z "$caught" ]; do sleep 0.05; done; exit 4';
    const { code, said } = await inTerminal('\\x03', script);
    expect(said).toContain('caught');
    expect(code).toBe(4);
  });

  it('the command can prompt and detects the terminal', async () => {
    const { code, said } = await inTerminal(
      'yes\\n',
      'test -t 0 -a -t 1 -a -t 2 || exit 3; echo ready; read line; test "$line" = yes && exit 4',
    );
    expect(said).toContain('the program exited with 4');
    expect(code).toBe(4);
  });
});

/** A unique number of seconds to find the processes of a test by. */
const markOf = (name: string): string =>
  `9${process.pid}${[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)}`;

const requestOnce = (): string =>
  requestsCommand('a')
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');

/** Starts `quotalab exec` with a shell script in its own session, without a terminal; resolves after `ready`. */
async function start(script: string): Promise<{
  child: ChildProcess;
  cwd: string;
  ended: Promise<{ code: number | null; stdout: string }>;
}> {
  const cwd = folder();
  const args = [BIN, 'exec', '--no-charts', '--no-github', '--', 'sh', '-c', script];
  const child = spawn(process.execPath, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('ready')) resolve();
    });
  });
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout })),
  );
  await Promise.race([ready, ended]);
  return { child, cwd, ended };
}
