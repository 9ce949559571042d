import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord, EndRecord, HeaderRecord, JournalRecord } from '../src/journal/record.ts';
import { living } from './processes.ts';
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

/** Asks the OpenAI mock once per argument, and prints the statuses. */
const ASK = `
const ask = async (content) => (await fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
  method: 'POST',
  headers: { authorization: 'Bearer ' + process.env.OPENAI_API_KEY, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }),
})).status;
const statuses = [];
for (const content of process.argv.slice(1)) statuses.push(await ask(content));
console.log('statuses', ...statuses);
`;
const asks = (...contents: string[]): string[] => [
  process.execPath,
  '--input-type=module',
  '-e',
  ASK,
  '--',
  ...contents,
];

describe('the verdicts', () => {
  it('an impatient program in Python, unchanged: what it did, what of it is not known, exit code 99', async () => {
    const args = ['--limit', 'requests 1/h burst 3', '--', PYTHON, join(FIXTURES, 'impatient.py')];
    const { cwd, code, stdout, stderr } = await exec(args);
    expect(stdout).toMatch(/^3 answered\n\n {2}exec {2}wall time, /);
    expect(stdout).toContain(`    client  ${PYTHON} ${join(FIXTURES, 'impatient.py')}`.slice(0, 60));
    expect(stdout).toContain('it ended with exit code 0');
    expect(stdout).toContain('joined to 10 calls by body and time 31; 31 of 31 by guess');
    expect(stdout).toContain('does not tell what the callers of the client wanted and got');
    expect(stdout).toContain('✗ ignores-retry-after: fail');
    expect(stdout).toContain('requests: refused 28 attempts; 3 requests admitted');
    expect(stdout).not.toContain('start_lateness');
    expect(stderr).toContain('quotalab: limit requests: 1 request an hour, at most 3 at once');
    expect(code).toBe(99);
    const again = await quotalab(['report', join('reports', 'exec', 'journal.jsonl'), '--no-charts'], { cwd });
    expect(again.code).toBe(99);
    expect(again.stdout).toBe(stdout.slice(stdout.indexOf('\n') + 1));
  });

  it('a suite of vitest with the SDK of OpenAI: its own output, its retries joined', async () => {
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

  describeWith(['python3-pytest'], 'a suite of pytest', () => {
    it('its failures are the exit code', async () => {
      const suite = [PYTHON, '-B', '-m', 'pytest', '-p', 'no:cacheprovider', FIXTURES];
      const { cwd, code, stdout } = await exec(['--limit', 'requests 1/h burst 2', '--', ...suite]);
      expect(stdout).toContain('1 failed, 2 passed');
      expect(attemptsIn(cwd).map(({ status }) => status)).toEqual([200, 200, 429, 429, 429, 429]);
      expect(code).toBe(1);
    });
  });

  describeWith(['python3-aiohttp'], "the article's client", () => {
    it('is run as it is: keys that take turns within a call do not part its attempts', async () => {
      const client = fileURLToPath(new URL('../scenarios/article-python/client.py', import.meta.url));
      const { cwd, code, stdout } = await exec(['--', PYTHON, client]);
      const [, made] = /^(\d+) calls by \d+ users/.exec(stdout) ?? [];
      expect(Number(made)).toBeGreaterThan(0);
      expect(stdout).toContain(`joined to ${made} calls by body and time`);
      expect(stdout).toContain('\n  VERDICTS\n');
      const refused = attemptsIn(cwd).filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(0);
      const calls = Map.groupBy(attemptsIn(cwd), ({ call }) => call);
      const keysIn = (call: number | null): number => new Set(calls.get(call)!.map(({ key }) => key)).size;
      expect(Math.max(...refused.map(({ call }) => keysIn(call)))).toBeGreaterThan(1);
      // How many calls meet a refusal is the machine's; whatever is said of them is what the exit code says.
      const { verdicts } = JSON.parse(readFileSync(join(cwd, 'reports', 'exec', 'summary.json'), 'utf8')) as {
        verdicts: { severity: string; status: string }[];
      };
      const hasFailed = verdicts.some(({ severity, status }) => severity === 'error' && status === 'fail');
      expect(stdout.includes('✗')).toBe(hasFailed);
      expect(code).toBe(hasFailed ? 99 : 0);
    }, 180_000);
  });

  it('takes verdicts and thresholds of a scenario, and tells CI systems', async () => {
    const scenario = join(folder(), 'scenario.yaml');
    writeFileSync(
      scenario,
      "name: asked\nclient: { model: openai-node }\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]\nthresholds: { attempt_rejected: ['rate<0.1'] }\nprovider: { limits: [{ name: few, unit: requests, refill: 1/h }] }\n",
    );
    const { cwd, code, stdout } = await exec(['--scenario', scenario, '--junit', 'junit.xml', '--', ...asks('a', 'b')]);
    expect(stdout).toContain('statuses 200 429');
    expect(stdout).toContain("✗ 'rate<0.1' 50% (2 samples)");
    expect(readFileSync(join(cwd, 'junit.xml'), 'utf8')).toContain('name="attempt_rejected rate&lt;0.1"');
    expect(code).toBe(99);
  });

  it('too little evidence is no failure, unless --strict says so', async () => {
    const args = ['--limit', 'requests 1/h burst 1', '--', ...asks('a', 'b')];
    const [lenient, strict] = await Promise.all([exec(args), exec(['--strict', ...args])]);
    for (const { stdout } of [lenient, strict]) expect(stdout).toContain('? gives-up-early: inconclusive');
    expect([lenient.code, strict.code]).toEqual([0, 99]);
  });

  it('--json: the summary alone on stdout, what the command prints on stderr', async () => {
    const { code, stdout, stderr } = await exec(['--json', '--', ...asks('a')]);
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
    it('every SDK meets its own provider over one quota, past any proxy', async () => {
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

  it('a limit that bites is the default; --unlimited takes it away', async () => {
    const [default_, unlimited] = await Promise.all([
      exec(['--', ...asks('a')]),
      exec(['--unlimited', '--', ...asks('a')]),
    ]);
    const limitsOf = (cwd: string) => (journalIn(cwd)[0] as HeaderRecord).scenario.provider.limits;
    expect(limitsOf(default_.cwd)).toMatchObject([
      { name: 'requests', scope: ['organization'], spec: { algorithm: 'fixed-window' } },
    ]);
    expect(default_.stderr).toContain('limit requests: 10 requests');
    expect(limitsOf(unlimited.cwd)).toEqual([]);
  });

  it('with Azure there is Azure alone', async () => {
    const show =
      'console.log(process.env.AZURE_OPENAI_ENDPOINT, process.env.OPENAI_BASE_URL, process.env.OPENAI_API_KEY)';
    const env = { OPENAI_BASE_URL: 'https://api.openai.com/v1', OPENAI_API_KEY: 'sk-real-0123456789' };
    const { stdout, stderr } = await exec(['--dialect', 'azure', '--', process.execPath, '-e', show], env);
    expect(stdout).toMatch(/^http:\/\/127.0.0.1:\d+ undefined undefined\n/);
    expect(stderr).not.toContain('Anthropic');
  });

  it('no key of the command line is kept', async () => {
    const { cwd, stdout } = await exec(['--', ...asks('a'), '--api-key', 'sk-secret-0123456789', 'token=hunter2']);
    const journal = readFileSync(join(cwd, 'reports', 'exec', 'journal.jsonl'), 'utf8');
    expect(journal).toContain('--api-key … token=…');
    for (const secret of ['sk-secret', 'hunter2']) expect(journal + stdout).not.toContain(secret);
  });
});

describe('exit codes', () => {
  it.each([
    ['of its own, whatever the verdicts say', ['sh', '-c', 'exit 7'], 7],
    ['of a command that is killed, as shells tell it', ['sh', '-c', 'kill -9 $$'], 137],
  ])('%s', async (_, command, expected) => {
    const { cwd, code, stdout } = await exec(['--', ...command]);
    expect(code).toBe(expected);
    expect(stdout).toContain(`it ended with exit code ${expected}`);
    expect(endIn(cwd)).toMatchObject({ exitCode: expected });
  });

  it('without a request nothing was tested: 99, and what to look at', async () => {
    const [silent, allowed] = await Promise.all([exec(['--', 'true']), exec(['--allow-no-requests', '--', 'true'])]);
    expect(silent.code).toBe(99);
    expect(silent.stdout).toContain('No request reached the mock, so nothing was tested.');
    expect(silent.stdout).toContain('OPENAI_BASE_URL');
    expect(silent.stdout).not.toContain('VERDICTS');
    expect(silent.stderr).toContain('(exec/no-requests)');
    expect(allowed.code).toBe(0);
  });

  it('of commands that cannot be run: 2, why, and nothing is written', async () => {
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
    expect(unstartable.stderr).toContain('does not start: spawn');
    expect(missing.stderr).toContain('no-such-command: is not on the PATH');
    expect(words.stderr).toContain('give the words one by one, as in: -- pytest tests/');
    expect(bare.stderr).toMatch(new RegExp(`is not executable: chmod \\+x ${script}\n$`));
    expect(windows.stderr).toContain('end as those of Windows do');
    expect(none.stderr).toContain("missing required argument 'command'");
    for (const { cwd } of [missing, words, bare, windows]) expect(readdirSync(cwd)).toEqual([]);
  });

  it('flags behind the command are its own, with and without --', async () => {
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
    ['one that ignores SIGTERM', (mark: string) => `(trap "" TERM HUP; while :; do sleep ${mark}; done) & exit 5`],
    ['one that has left the session', (mark: string) => `setsid sleep ${mark} & exit 5`],
    [
      'a daemon',
      (mark: string) => `(setsid sh -c 'cd /; (sleep ${mark} &) ; exit' >/dev/null 2>&1 </dev/null); exit 5`,
    ],
  ])('%s', async (name, script) => {
    const mark = markOf(name);
    const { code, stderr } = await exec(['--', 'sh', '-c', `${script(mark)}`]);
    expect(code).toBe(5);
    expect(stderr).toMatch(/the command left (a process|\d processes) running, now ended:\n/);
    expect(stderr).toContain(`sleep ${mark}`);
    expect(living(mark)).toEqual([]);
  });

  it('nor is anything said of a child that is about to end', async () => {
    const { stderr } = await exec(['-q', '--', 'sh', '-c', 'sleep 0.01 & exit 5']);
    expect(stderr).toBe('');
  });
});

describe('signals to quotalab', () => {
  it('SIGTERM is passed on; what was seen until then is told', async () => {
    const mark = markOf('obeys');
    const { child, cwd, ended } = await start(`${askOnce()}; echo ready; exec sleep ${mark}`);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({
      code: 143,
      stdout: expect.stringContaining('PARTIAL: the run was interrupted'),
    });
    expect(attemptsIn(cwd)).toHaveLength(1);
    expect(endIn(cwd)).toMatchObject({ stopped: 'interrupted', exitCode: 143 });
    expect(living(mark)).toEqual([]);
  });

  it('so is SIGINT where no terminal has sent it to the command too', async () => {
    const { child, ended } = await start('echo ready; exec sleep 600');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });

  it('whoever asks twice has a command killed that does not listen', async () => {
    const mark = markOf('deaf');
    const { child, ended } = await start(`trap "" TERM HUP; echo ready; while :; do sleep 0.05 ${mark}; done`);
    child.kill('SIGTERM');
    child.kill('SIGHUP');
    const { code } = await ended;
    expect(code).toBe(137);
    expect(living(mark)).toEqual([]);
  });

  it('a command that ends well after it is complete: a server that was stopped', async () => {
    const { child, cwd, ended } = await start(
      `${askOnce()}; trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done`,
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

  it('Ctrl-C ends the command, and the report follows', async () => {
    const { code, said } = await inTerminal('\\x03', 'echo ready; exec sleep 600');
    expect(said).toContain('PARTIAL: the run was interrupted');
    expect(code).toBe(130);
  });

  it('a command that makes something else of Ctrl-C goes on', async () => {
    const script = 'trap "caught=1; echo caught" INT; echo ready; while [ -z "$caught" ]; do sleep 0.05; done; exit 4';
    const { code, said } = await inTerminal('\\x03', script);
    expect(said).toContain('caught');
    expect(code).toBe(4);
  });

  it('it can ask, and knows that it talks to a terminal', async () => {
    const { code, said } = await inTerminal(
      'yes\\n',
      'test -t 0 -a -t 1 -a -t 2 || exit 3; echo ready; read line; test "$line" = yes && exit 4',
    );
    expect(said).toContain('it ended with exit code 4');
    expect(code).toBe(4);
  });
});

/** A number of seconds that names the processes of one test. */
const markOf = (name: string): string =>
  `9${process.pid}${[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)}`;

const askOnce = (): string =>
  asks('a')
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');

/** `quotalab exec` of a shell's script in a session of its own, without a terminal, when the script has said `ready`. */
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
