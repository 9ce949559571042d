import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CHARTS } from '../src/report/charts/charts.ts';
import { quotalabHere } from './in-process.ts';
import { BIN, type Ended } from './quotalab.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-cli-'));
});

/** Starts the CLI; charts are slow and drawn only on request. */
function start(
  args: readonly string[],
  { env = {}, charts = false }: { env?: Record<string, string>; charts?: boolean } = {},
): { child: ChildProcess; ended: Promise<Ended>; output: () => string } {
  const quick = !charts && ['run', 'report'].includes(args[0]!) ? ['--no-charts'] : [];
  const child = spawn(process.execPath, [BIN, ...args, ...quick], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (data: string) => {
      text[name] += data;
    });
  }
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...text })));
  return { child, ended, output: () => text.stdout + text.stderr };
}

const quotalab = (...args: string[]): Promise<Ended> => start(args).ended;

/** Same, without a process of its own. */
const here = (...args: string[]): Promise<Ended> =>
  quotalabHere([...args, ...(['run', 'report'].includes(args[0]!) ? ['--no-charts'] : [])], { cwd: folder });

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** A client that sends one request with fetch and fails on a refusal. */
const CLIENT = `
export default async function (call, { env, signal }) {
  const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY },
    body: JSON.stringify({ model: call.model, messages: [{ role: 'user', content: call.prompt }] }),
    signal,
  });
  await response.text();
  if (!response.ok) throw new Error('HTTP ' + response.status);
}
`;

/** Writes a scenario: two users for `seconds`, a limit with occasional refusals, fast replies. */
function scenario(client: string, rest = '', seconds = 2): void {
  put('client.mjs', client);
  put(
    'scenario.yaml',
    `name: short
provider:
  limits: [{ name: requests, refill: 5/s }]
  latency: { firstToken: 5ms, perToken: 0s }
client: { module: ./client.mjs }
load: [{ executor: constant-vus, vus: 2, duration: ${seconds}s, gracefulStop: 1s, wait: { constant: 100ms } }]
verdicts: { ignores-retry-after: warn, amplifies-load: warn, synchronised-herd: warn, gives-up-early: warn }
${rest}`,
  );
}

/** Waits until a file is not empty. */
async function waitForFile(name: string): Promise<void> {
  const file = join(folder, name);
  while (!existsSync(file) || statSync(file).size === 0) await new Promise((resolve) => setTimeout(resolve, 50));
}

const report = (name: string): string => readFileSync(join(folder, 'reports/short', name), 'utf8');
const journal = (): { type: string; stopped?: string; result?: string }[] =>
  report('journal.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('invalid input: exit 2, every problem printed, nothing written', () => {
  const inFolder = async (files: Record<string, string>, ...args: string[]) => {
    for (const [name, text] of Object.entries(files)) put(name, text);
    const { code, stdout, stderr } = await quotalabHere(args, { cwd: folder });
    const written = existsSync(join(folder, 'reports/short')) ? readdirSync(join(folder, 'reports/short')) : [];
    return { code, output: stdout + stderr, written };
  };
  const yaml = (client = './client.mjs', duration = '1s') =>
    `name: short\nclient: { module: ${client} }\nload: [{ executor: constant-vus, vus: 1, duration: ${duration} }]\n`;

  it.each<[string, Record<string, string>, string[], RegExp[]]>([
    [
      'a missing file',
      {},
      ['run', 'nope.yaml'],
      [
        /there is no file nope\.yaml \(scenario\/not-found\)/,
        /is no bundled scenario either; there are (?=.*\barticle\b)(?=.*\bpatient\b)/,
      ],
    ],
    ['a misspelt name', {}, ['run', 'patiemt'], [/did you mean "patient"\?/]],
    ['invalid YAML', { 's.yaml': 'name: [x\nseed: :' }, ['run', 's.yaml'], [/scenario\/bad-yaml/, /s\.yaml:\d+/]],
    [
      'an unknown key and impossible numbers, together',
      { 's.yaml': `${yaml('./client.mjs', '5 parsecs')}seeds: 1\n`, 'client.mjs': CLIENT },
      ['run', 's.yaml'],
      [/s\.yaml:3 {2}load\[0\]\.duration: must be a duration/, /s\.yaml:4 {2}seeds: unknown key.*did you mean "seed"/],
    ],
    ['a missing client', { 's.yaml': yaml() }, ['run', 's.yaml'], [/s\.yaml:2 {2}client\.module: there is no file/]],
    [
      'a client that throws on import',
      { 's.yaml': yaml(), 'client.mjs': 'throw new Error("no config");' },
      ['run', 's.yaml'],
      [/client\/import-failed/, /no config/],
    ],
    [
      'a client whose package is not installed',
      { 's.yaml': yaml(), 'client.mjs': 'import "left-pad-of-nobody";' },
      ['run', 's.yaml'],
      [/client\/import-failed/, /npm install left-pad-of-nobody/],
    ],
    [
      'a client with ES syntax in a file of CommonJS',
      { 's.yaml': yaml('./client.cts'), 'client.cts': CLIENT },
      ['run', 's.yaml'],
      [/client\/import-failed/, /its ending makes it CommonJS: rename it to \.mts or \.mjs/],
    ],
    [
      'a client without a default export',
      { 's.yaml': yaml(), 'client.mjs': 'export const ask = 1;' },
      ['run', 's.yaml'],
      [/client\/no-default-export/, /export default async function/],
    ],
    [
      'a client that exits while it is imported',
      { 's.yaml': yaml(), 'client.mjs': 'process.exit(0);' },
      ['run', 's.yaml'],
      [/client\/exited/],
    ],
    [
      'an invalid report folder',
      { 's.yaml': yaml(), 'client.mjs': CLIENT },
      ['run', 's.yaml', '-o', '/proc/nope'],
      [/report\/not-writable/],
    ],
    [
      '--set without a value',
      { 's.yaml': yaml(), 'client.mjs': CLIENT },
      ['run', 's.yaml', '--set', 'seed'],
      [/must be path=value/],
    ],
    ['an option that does not exist', {}, ['run', '--fast'], [/unknown option '--fast'/]],
    ['an invalid limit', {}, ['serve', '--limit', 'reqests 5/s'], [/did you mean "requests"\?/]],
    ['an invalid journal', { 'j.jsonl': '{}' }, ['report', 'j.jsonl'], [/journal\/not-a-journal/]],
    [
      'files to validate, one of them invalid',
      { 's.yaml': yaml(), 'client.mjs': CLIENT, 't.yaml': 'name: t\n' },
      ['validate', 's.yaml', 't.yaml'],
      [/s\.yaml is valid/, /t\.yaml:1 {2}client: is required/],
    ],
  ])('%s', async (_name, files, args, expected) => {
    const { code, output, written } = await inFolder(files, ...args);
    expect(output).toEqual(expect.stringMatching(expected[0]!));
    for (const one of expected) expect(output).toMatch(one);
    expect(code).toBe(2);
    expect(written).toEqual([]);
  });
});

it.skipIf(!existsSync('/dev/full'))('a full stdout: an error without a stack', () => {
  const { status, stderr } = spawnSync('sh', ['-c', '"$0" "$1" profiles > /dev/full', process.execPath, BIN], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('quotalab: cannot write to stdout: ENOSPC: no space left on device, write\n');
  expect(status).toBe(1);
});

describe('failing clients', () => {
  it('a client whose calls never resolve', async () => {
    scenario('export default () => new Promise(() => {});', '', 1);
    const { code, stdout } = await quotalab('run', 'scenario.yaml', '--set', 'verdicts.gives-up-early=error');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('2 were held in the client without an attempt');
    expect(code).toBe(99);
    expect(
      journal()
        .filter(({ type }) => type === 'call')
        .map(({ result }) => result),
    ).toEqual(['open', 'open']);
  });

  it.each([
    ['a client that exits during the run', 'client/exited', `${CLIENT}\nsetTimeout(() => process.exit(3), 700);`],
    [
      'a client that throws outside any call',
      'client/crashed',
      `${CLIENT}\nsetTimeout(() => { throw new Error('late'); }, 700);`,
    ],
    [
      'a client with an unhandled rejection',
      'client/crashed',
      `${CLIENT}\nsetTimeout(() => void Promise.reject(new Error('late')), 700);`,
    ],
  ])('%s', async (_name, code, client) => {
    scenario(client, '', 20);
    const ended = await quotalab('run', 'scenario.yaml', '-q');
    expect(ended.stderr).toContain(code);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain('PARTIAL: the client exited');
    expect(journal().at(-1)).toMatchObject({ type: 'end', stopped: 'client-exited' });
  });

  it('a client with real timers from a preload', async () => {
    put(
      'preload.mjs',
      'const real = setTimeout; globalThis.realSleep = (ms) => new Promise((wake) => real(wake, ms));',
    );
    scenario('export default () => realSleep(200);');
    const preload = `--import=${join(folder, 'preload.mjs')}`;
    const { code, stderr } = await start(['run', 'scenario.yaml', '-q'], { env: { NODE_OPTIONS: preload } }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('client/outside-virtual-time');
    expect(stderr).toContain('a real timer that was set before virtual time began');
    expect(stderr).toContain('time: wall');
  });

  it('a client that reaches another host is blocked, with a hint', async () => {
    scenario("export default async () => { await fetch('http://api.openai.example/v1/models'); };", '', 1);
    const { stderr, stdout } = await here('run', 'scenario.yaml', '-q');
    expect(stderr).toContain(
      'the client tried to reach api.openai.example, which is not this machine; does it read OPENAI_BASE_URL? (--allow-host api.openai.example allows it)',
    );
    expect(stdout).toMatch(/error +20 × TypeError: fetch failed/);
  });
});

describe('a run', () => {
  it('is deterministic; a client that reads the machine is reported with the first difference', async () => {
    scenario(CLIENT);
    const same = await here('run', 'scenario.yaml', '-q', '--check-determinism');
    expect(same.stdout).toMatch(/^deterministic: two runs with seed 1 gave the same \d+ lines/);
    expect(same.code).toBe(0);
    const machine = CLIENT.replace('call.prompt', 'call.prompt + process.threadCpuUsage().user');
    scenario(machine);
    const other = await here('run', 'scenario.yaml', '-q', '--check-determinism');
    expect(other.stdout).toMatch(
      /not deterministic: two runs with seed 1 differ first in line 2\n {2}first .*bodyHash/,
    );
    expect(other.code).toBe(99);
    scenario(CLIENT, 'time: wall');
    expect((await here('run', 'scenario.yaml', '-q', '--check-determinism')).stderr).toContain('run/not-virtual');
  });

  it('with several seeds shows their spread and the failed seeds', async () => {
    scenario(
      `${CLIENT}\nawait new Promise((wake) => setTimeout(wake, Math.random() * 1000));`,
      'thresholds: { calls: "count<0" }',
    );
    const { code, stdout, stderr } = await here('run', 'scenario.yaml', '-q', '--seeds', '3');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/call_failed +\d/);
    expect(stdout).toMatch(
      /\n {2}FAILED 3 of 3 seeds \(1, 2, 3\), calls \d+ \(< 0\) ·\s+open reports\/short\/report\.html\n$/,
    );
    expect(code).toBe(99);
    expect(readdirSync(join(folder, 'reports/short')).sort()).toEqual([
      'report.html',
      'seed-1.jsonl',
      'seed-2.jsonl',
      'seed-3.jsonl',
      'seeds.json',
    ]);
  });

  it('that passes in wall time exits with 0', async () => {
    scenario(CLIENT, 'time: wall');
    const { code, stdout } = await quotalab('run', 'scenario.yaml', '-q');
    expect(code).toBe(0);
    expect(stdout).toContain('wall time');
  });

  it('that passes exits with 0, a failed threshold with 99; a rebuilt report is equal', async () => {
    scenario(CLIENT, "thresholds: { attempt_rejected: 'rate<0.9' }");
    const good = await start(['run', 'scenario.yaml'], { charts: true }).ended;
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(
      /and 1 threshold passed[\s\S]*\n {2}PASSED [\s\S]*· seed 1 ·\s+open reports\/short\/report\.html\n$/,
    );
    const written = readdirSync(join(folder, 'reports/short'));
    const charts = written.filter((file) => file.endsWith('.png'));
    // A chart that would show nothing is left out.
    expect(charts).toContain('load.png');
    expect(CHARTS.map(({ file }) => file)).toEqual(expect.arrayContaining(charts));
    const others = written.filter((file) => !file.endsWith('.png'));
    expect(others.sort()).toEqual(['journal.jsonl', 'report.html', 'summary.json', 'summary.txt']);

    scenario(CLIENT, "thresholds: { attempt_rejected: 'rate<0.01' }");
    const bad = await quotalab('run', 'scenario.yaml', '--json');
    expect(bad.code).toBe(99);
    expect(JSON.parse(bad.stdout)).toMatchObject({ scenario: 'short', thresholds: [{ ok: false }] });

    const before = report('summary.json');
    const again = await here('report', 'reports/short/journal.jsonl', '-o', 'again');
    expect(again.code).toBe(99);
    expect(readFileSync(join(folder, 'again/summary.json'), 'utf8')).toBe(before);

    const file = join(folder, 'reports/short/journal.jsonl');
    truncateSync(file, readFileSync(file).length - 20);
    expect((await here('report', 'reports/short/journal.jsonl')).stdout).toContain('PARTIAL: the journal is cut off');
  });

  it('uses the first key of the scenario and writes no key to a file', async () => {
    scenario(CLIENT, '', 1);
    const { code, stdout } = await here(
      'run',
      'scenario.yaml',
      '-q',
      '--set',
      'provider.keys=[sk-secret-one, sk-secret-two]',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/error +11 × Error: HTTP 429/);
    for (const file of readdirSync(join(folder, 'reports/short'))) expect(report(file)).not.toContain('sk-secret');
  });

  it('stops early when a threshold with abortOnFail fails', async () => {
    scenario(CLIENT, "thresholds: { attempt_rejected: [{ threshold: 'rate<0.01', abortOnFail: true }] }", 60);
    const { code, stdout } = await here('run', 'scenario.yaml', '-q');
    expect(code).toBe(99);
    expect(stdout).toContain('PARTIAL: a threshold with abortOnFail failed');
  });

  it.each([
    ['wall', '60s'],
    ['virtual', '1000h'],
  ])('interrupted in %s time writes a partial report and exits with 130', async (time, duration) => {
    scenario(CLIENT);
    const { child, ended } = start([
      'run',
      'scenario.yaml',
      '--set',
      `time=${time}`,
      '--set',
      `load[0].duration=${duration}`,
    ]);
    await waitForFile('reports/short/journal.jsonl');
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).toContain('PARTIAL: the run was interrupted');
    expect(JSON.parse(report('summary.json'))).toMatchObject({ partial: 'interrupted' });
    expect(journal().at(-1)).toMatchObject({ type: 'end', stopped: 'interrupted' });
    expect(readdirSync(join(folder, 'reports/short')).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('runs a TypeScript scenario and client, with the client’s output on stderr', async () => {
    scenario(CLIENT, '', 1);
    put(
      'client.ts',
      `const greeting: string = 'hello from the client';\nconsole.log(greeting);\n${CLIENT.replaceAll('(call, {', '(call: { model: string; prompt: string }, {').replace('signal })', 'signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal })')}`,
    );
    put(
      'scenario.ts',
      `export default { name: 'short', client: { module: './client.ts' }, load: [{ executor: 'per-vu-iterations' as const, vus: 1, iterations: 3 }] };\n`,
    );
    const { code, stdout, stderr } = await here('run', 'scenario.ts', '--json', '-q');
    expect(stderr).toContain('hello from the client');
    expect(JSON.parse(stdout).metrics.find(({ name }: { name: string }) => name === 'calls').values.count).toBe(3);
    expect(code).toBe(0);
  });
});

describe('help', () => {
  it('lists the commands', async () => {
    const { code, stdout } = await quotalab('--help');
    expect(code).toBe(0);
    for (const command of ['run', 'serve', 'report', 'validate']) expect(stdout).toContain(command);
  });
});

describe('serve', () => {
  const send = (url: string): Promise<Response> =>
    fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-any' },
      body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }),
    });

  it('ten quick requests on a burst of five: five replies, five refusals; it admits after the wait', async () => {
    const { child, ended, output } = start([
      'serve',
      '--limit',
      // Refills every three seconds: ten requests finish earlier even on a busy machine.
      'requests 20/min burst 5',
      '--port',
      '0',
      '--first-token',
      '0',
      '--per-token',
      '0',
    ]);
    while (!output().includes('export OPENAI_API_KEY')) await new Promise((resolve) => setTimeout(resolve, 20));
    const url = /OPENAI_BASE_URL=(\S+)/.exec(output())![1]!;
    const replies = await Promise.all(Array.from({ length: 10 }, () => send(url)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429, 429, 429, 429]);
    const refused = replies.find(({ status }) => status === 429)!;
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(refused.headers.get('x-ratelimit-limit-requests')).toBe('5');
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(await refused.json()).toMatchObject({
      error: {
        type: 'requests',
        code: 'rate_limit_exceeded',
        message: expect.stringContaining('Limit 5, Used 5, Requested 1. Please try again in 3s.'),
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 3100));
    expect((await send(url)).status).toBe(200);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(output()).toContain('6 admitted, 5 refused (429), 0 other replies, 0 aborted');
  });

  it('supports a dialect, a profile, a fault and a setting, and changes through its admin routes', async () => {
    const limit = ['--limit', 'anthropic/tier-1/claude-sonnet-4'];
    const fault = ['--fault', '{ status: 529, first: 1 }'];
    const { child, ended, output } = start(
      [
        'serve',
        '--dialect',
        'anthropic',
        ...limit,
        ...fault,
        '--set',
        'answer=echo',
        '--port',
        '0',
        '--first-token',
        '0',
      ],
      {},
    );
    while (!output().includes('Prometheus')) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(output()).toContain('claude-sonnet-4-20250514 output-tokens per minute: 8000 output-tokens a minute');
    const url = /ANTHROPIC_BASE_URL=(\S+)/.exec(output())![1]!;
    const message = async (): Promise<Response> =>
      fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({
          model: 'claude-sonnet-4-0',
          max_tokens: 50,
          messages: [{ role: 'user', content: 'Say this' }],
        }),
      });
    expect((await message()).status).toBe(529);
    const reply = await message();
    expect(reply.headers.get('anthropic-ratelimit-requests-limit')).toBe('50');
    expect(await reply.json()).toMatchObject({ content: [{ text: 'Say this' }], usage: { output_tokens: 2 } });
    const limits = JSON.stringify({ limits: [{ refill: '1/day', initial: 0 }] });
    await fetch(`${url}/__quotalab/limits`, { method: 'PUT', body: limits });
    expect((await message()).status).toBe(429);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('quotalab_refusals_total{limit="requests"} 1');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('on every address: admin routes require a token', async () => {
    const { child, ended, output } = start(['serve', '--host', '0.0.0.0', '--port', '0', '--max-body', '100']);
    while (!output().includes('require this token')) await new Promise((resolve) => setTimeout(resolve, 20));
    const [, port] = /mock at http:\/\/0\.0\.0\.0:(\d+)/.exec(output())!;
    const token = /this token: (\w+)/.exec(output())![1]!;
    const state = `http://127.0.0.1:${port}/__quotalab/state`;
    expect((await fetch(state)).status).toBe(401);
    expect((await fetch(state, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    const large = await fetch(`http://127.0.0.1:${port}/v1/models`, { method: 'POST', body: 'x'.repeat(101) });
    expect(large.status).toBe(413);
    child.kill('SIGTERM');
    await ended;
  });

  it.each([
    [['--dialect', 'openay'], /--dialect openay: unknown value "openay" \(did you mean "openai"\?\)/],
    [['--fault', '{ kind: melt }'], /--fault { kind: melt } kind: must be one of/],
    [['--fault', '{ kind: '], /--fault: Flow map must end with a }/],
    [
      ['--limit', 'x', '--fault', '{ kind: melt }', '--limit', 'requests', '--retry-after', 'soon'],
      /--limit 'x' unit: .*--limit 'requests' refill: .*--fault { kind: melt } kind: .*--retry-after soon: must be one of/s,
    ],
    [['--set', 'answer={ fixtures: none.json }'], /none.json cannot be read/],
    [['--limit', 'openai/tier-1/gpt-5o'], /unknown profile openai\/tier-1\/gpt-5o/],
  ])('%j: exit 2', async (flags, message) => {
    const { code, stderr, stdout } = await here('serve', ...flags);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  it('a port that is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await here('serve', '--port', String(port));
    expect(code).toBe(2);
    expect(stderr).toContain(`port ${port} is in use (provider/port-in-use)`);
    taken.close();
  });
});
