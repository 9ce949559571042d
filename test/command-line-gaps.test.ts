import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { quotalabHere } from './in-process.ts';
import { BIN, type Ended } from './quotalab.ts';

const quickly = (args: readonly string[]): readonly string[] => [
  ...args,
  ...(args[0] === 'run' ? ['--no-charts'] : []),
];

const quotalab = (args: readonly string[], options: { cwd: string }): Promise<Ended> =>
  quotalabHere(quickly(args), options);

/** Creates a folder with a client and a scenario: one user for 1 s, 100 ms between calls. */
function createFolder(client: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-cli-'));
  writeFileSync(join(folder, 'client.mjs'), client);
  writeFileSync(
    join(folder, 'scenario.yaml'),
    `name: short
client: { module: ./client.mjs }
load: [{ executor: constant-vus, vus: 1, duration: 1s, gracefulStop: 1s, wait: { constant: 100ms } }]
`,
  );
  return folder;
}

const IDLE = 'export default async () => {};\n';

describe('an invalid report folder: exit 2 before the client is imported', () => {
  it.each([
    ['a read-only place', '/proc/nope'],
    ['a file', 'taken'],
    ['a folder inside a file', 'taken/inside'],
  ])('%s', async (_name, out) => {
    const cwd = createFolder(`import { writeFileSync } from 'node:fs';\nwriteFileSync('imported', '');\n${IDLE}`);
    writeFileSync(join(cwd, 'taken'), '');
    const { code, stderr } = await quotalab(['run', 'scenario.yaml', '-o', out], { cwd });
    expect(stderr).toContain('(report/not-writable)');
    expect(code).toBe(2);
    expect(readdirSync(cwd).sort()).toEqual(['client.mjs', 'scenario.yaml', 'taken']);
  });

  it('a journal that cannot be opened: exit 2 after the client is imported', async () => {
    const cwd = createFolder(IDLE);
    mkdirSync(join(cwd, 'reports/short/journal.jsonl'), { recursive: true });
    const { code, stderr } = await quotalab(['run', 'scenario.yaml'], { cwd });
    expect(stderr).toContain('(journal/not-writable)');
    expect(code).toBe(2);
  });
});

describe('a run', () => {
  it('interrupted during the import of its client: exit 130 without a run', async () => {
    const cwd = createFolder(
      `import { writeFileSync } from 'node:fs';\nwriteFileSync('importing', '');\nsetInterval(() => {}, 1000);\nawait new Promise(() => {});\n${IDLE}`,
    );
    const child = spawn(process.execPath, [BIN, ...quickly(['run', 'scenario.yaml'])], { cwd, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    while (!existsSync(join(cwd, 'importing'))) await sleep(20);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(existsSync(join(cwd, 'reports/short/journal.jsonl'))).toBe(false);
  });

  it('--json: stdout equals summary.json, the client’s output is on stderr', async () => {
    const cwd = createFolder(`console.log('hello from the client');\n${IDLE}`);
    const { stdout, stderr } = await quotalab(['run', 'scenario.yaml', '--json'], { cwd });
    expect(stdout).toBe(readFileSync(join(cwd, 'reports/short/summary.json'), 'utf8'));
    expect(stderr).toContain('hello from the client');
  });

  it('calls to another host fail with the code and are reported once', async () => {
    const cwd = createFolder(
      "export default () => fetch('http://example.com').catch(({ cause }) => { throw cause; });\n",
    );
    const { stderr } = await quotalab(['run', 'scenario.yaml'], { cwd });
    expect(stderr.match(/--allow-host example\.com allows it/g)).toHaveLength(1);
    const journal = readFileSync(join(cwd, 'reports/short/journal.jsonl'), 'utf8');
    const calls = journal.split('\n').filter((line) => line.startsWith('{"type":"call"'));
    expect(calls.length).toBeGreaterThan(1);
    for (const call of calls) expect(JSON.parse(call).error.code).toBe('QUOTALAB_FOREIGN_HOST');
  });
});

describe('without a run', () => {
  it('validate does not import the client', async () => {
    const cwd = createFolder('throw new Error("imported");');
    expect(await quotalab(['validate', 'scenario.yaml'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });

  it('serve on an invalid port: exit 2', async () => {
    const { code, stderr } = await quotalab(['serve', '--port', '65536'], { cwd: createFolder(IDLE) });
    expect(stderr).toContain('must be at most 65535');
    expect(code).toBe(2);
  });
});

describe('profiles and fingerprint', () => {
  it('profiles: all, filtered, no match, as JSON', async () => {
    const cwd = createFolder(IDLE);
    expect((await quotalab(['profiles'], { cwd })).stdout).toMatch(
      /^profile .*RPM.*\nopenai\/free\/gpt-4o-mini +3 +200 /,
    );
    expect((await quotalab(['profiles', 'tier-1/gpt-4o-mini'], { cwd })).stdout.split('\n')[1]).toMatch(
      /500 +10,000 +200,000/,
    );
    expect((await quotalab(['profiles', 'nothing'], { cwd })).stdout).toBe('no profile name contains "nothing"\n');
    const { stdout } = await quotalab(['profiles', 'gemini', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject([{ name: expect.stringMatching(/^gemini\//) }, {}]);
  });

  it('fingerprint of a journal', async () => {
    const cwd = createFolder(`export default async (call, { env }) => {
      const body = JSON.stringify({ model: call.model, messages: [{ role: 'user', content: 'The same words each time.' }] });
      await fetch(env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST', headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY, 'user-agent': 'mine/1' }, body });
    };\n`);
    await quotalab(['run', 'scenario.yaml', '--set', 'load[0].duration=10m'], { cwd });
    const journal = join('reports', 'short', 'journal.jsonl');
    const { stdout, code } = await quotalab(['fingerprint', journal], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^key [0-9a-f]{16}: \d+ requests, at most \d+ in a minute\n/);
    expect(stdout).toMatch(/user agent {2}1 agent, 0 changes per 100 requests, 0 without one/);
    expect(stdout).toMatch(/content {5}99\.\d+% nearly repeat/);
    expect(stdout).toMatch(/timing {6}burstiness -?0\.\d+ over \d+ gaps: /);
    const [first] = JSON.parse((await quotalab(['fingerprint', journal, '--json'], { cwd })).stdout);
    expect(first).toMatchObject({ userAgents: 1, ips: 1, keysOnItsIps: 1 });
    const { code: wrong, stderr } = await quotalab(['fingerprint', 'scenario.yaml'], { cwd });
    expect([wrong, stderr]).toEqual([2, expect.stringContaining('journal/')]);
  });
});
