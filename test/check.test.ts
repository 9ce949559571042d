import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { check } from '../src/testing/vitest.ts';
import { quotalabHere as quotalab } from './in-process.ts';

const clients = fileURLToPath(new URL('fixtures/check/', import.meta.url));
const client = (name: string): string => join(clients, name);
const wellBehaved = (name: string): string =>
  fileURLToPath(new URL(`../scenarios/well-behaved/${name}.ts`, import.meta.url));
const temporary = (): string => mkdtempSync(join(tmpdir(), 'quotalab-check-'));

// A battery is many runs, in parallel with other tests.
vi.setConfig({ testTimeout: 240_000 });

/** The rows of a client by verdict. */
async function verdictsOf(name: string, only: readonly string[]): Promise<Record<string, string>> {
  const { rows } = await check(client(name), { only });
  return Object.fromEntries(rows.map(({ id, verdict }) => [id, verdict]));
}

describe('clients of which the defects are known', () => {
  it('a plain fetch gives up on everything, and repeats nothing that it should not', async () => {
    const only = ['retry-after-seconds', 'server-error', 'reset', 'unauthorized', 'billing', 'unavailable-for-long'];
    expect(await verdictsOf('plain.ts', only)).toEqual({
      'retry-after-seconds': 'fail',
      unauthorized: 'pass',
      billing: 'pass',
      'server-error': 'fail',
      'unavailable-for-long': 'pass',
      reset: 'fail',
    });
  });

  it('one that tries every second for ever fails where trying is in vain, and where it was told to wait', async () => {
    const only = ['retry-after-seconds', 'unauthorized', 'billing', 'server-error', 'unavailable-for-long'];
    expect(await verdictsOf('stubborn.ts', only)).toEqual({
      'retry-after-seconds': 'fail',
      unauthorized: 'fail',
      billing: 'fail',
      'server-error': 'pass',
      'unavailable-for-long': 'fail',
    });
  });

  it('one that swallows errors fails wherever there is no answer', async () => {
    const only = ['unauthorized', 'billing', 'limit-shut', 'half-an-answer'];
    expect(await verdictsOf('swallowing.ts', only)).toEqual({
      'limit-shut': 'fail',
      unauthorized: 'fail',
      billing: 'fail',
      'half-an-answer': 'fail',
    });
  });
});

describe('well-behaved clients', () => {
  it('the one on the openai SDK passes every row', async () => {
    const table = await check(wellBehaved('openai'));
    expect(table.rows.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(table).toMatchObject({ dialect: 'openai', time: 'virtual', passed: true });
    expect(table.rows.length).toBeGreaterThan(40);
    expect(table).toBeResilient();
  });

  it.each(['azure', 'anthropic', 'gemini'] as const)('the dialect of the one for %s is found out', async (dialect) => {
    const only = ['told-as-the-provider-does', 'request-too-large', 'billing', 'overloaded', 'stream-cut', 'hang'];
    const table = await check(wellBehaved(dialect), { only });
    const rows = table.rows.map(({ id, verdict }) => [id, verdict]);
    const billing = dialect === 'gemini' ? 'not-applicable' : 'pass';
    expect(Object.fromEntries(rows)).toEqual({
      'told-as-the-provider-does': 'pass',
      'request-too-large': 'pass',
      billing,
      overloaded: 'pass',
      'stream-cut': 'pass',
      hang: 'pass',
    });
    expect(table.dialect).toBe(dialect);
  });
});

describe('what can be checked', () => {
  it("an exported function of the team's own code, with a prompt", async () => {
    const { rows, dialect } = await check(`${client('assistant.ts')}#answerQuestion`, { only: ['unauthorized'] });
    expect(dialect).toBe('openai');
    expect(rows[0]).toMatchObject({ id: 'unauthorized', verdict: 'pass', did: '0 of 5 answered, one try each' });
  });

  it('one with other arguments', async () => {
    const args = [{ question: '$prompt', tokens: 50 }];
    const { rows } = await check(`${client('assistant.ts')}#answerWithin`, { args, only: ['server-error'] });
    expect(rows[0]).toMatchObject({ verdict: 'pass' });
    expect(rows[0]!.did).toMatch(/^25 of 25 answered/);
  });

  it('not one that gets no answer to a plain call: the reason comes first', async () => {
    await expect(check('./fixtures/check/needs-a-key.ts')).rejects.toThrow(
      'the client cannot make a plain call: Error: ASSISTANT_TOKEN is not set',
    );
    await expect(check(`${client('assistant.ts')}#answer`)).rejects.toThrow('has no exported function answer');
  });
});

describe('on the command line', () => {
  it('exits with 99 for a failed row, 0 if none failed, 2 for a client without a plain answer', async () => {
    const cwd = temporary();
    const failed = await quotalab(['check', client('plain.ts'), '--only', 'server-error,unauthorized'], { cwd });
    expect(failed.code).toBe(99);
    expect(failed.stdout).toContain('✗ server-error: answered 500 once a call');
    expect(failed.stdout).toContain('✓ passed: unauthorized');
    const passed = await quotalab(['check', client('plain.ts'), '--only', 'unauthorized', '--json', '-q'], { cwd });
    expect(passed.code).toBe(0);
    expect(JSON.parse(passed.stdout)).toMatchObject({ passed: true, rows: [{ id: 'unauthorized' }] });
    const broken = await quotalab(['check', client('needs-a-key.ts')], { cwd });
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(
      /^quotalab: the client cannot make a plain call: Error: ASSISTANT_TOKEN is not set \(/,
    );
  });

  it('keeps the scenario of a row, which gives the same when it is run alone', async () => {
    const cwd = temporary();
    const kept = await quotalab(['check', client('plain.ts'), '--only', 'server-error', '--keep'], { cwd });
    const file = 'reports/check/server-error/scenario.yaml';
    expect(kept.stdout).toContain(`to run a row alone:\n  quotalab run ${file}`);
    expect(existsSync(join(cwd, 'reports/check/server-error/journal.jsonl'))).toBe(true);
    const alone = await quotalab(['run', file, '--no-charts'], { cwd });
    expect(alone.code).toBe(99);
    expect(alone.stdout).toContain('treats-overload-as-fatal');
  });

  it('with a baseline, only rows that got worse fail, by name', async () => {
    const cwd = temporary();
    const rows = ['--only', 'server-error,unauthorized', '--baseline', '-q'];
    const first = await quotalab(['check', client('plain.ts'), ...rows], { cwd, env: { CI: '' } });
    expect(first.code).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, 'quotalab-check.json'), 'utf8'))).toMatchObject({
      rows: { unauthorized: 'pass', 'server-error': 'fail' },
    });
    const same = await quotalab(['check', client('plain.ts'), ...rows], { cwd });
    expect(same.code).toBe(0);
    const worse = await quotalab(['check', client('swallowing.ts'), ...rows], { cwd });
    expect(worse.code).toBe(99);
    expect(worse.stdout).toContain('worse than the baseline: unauthorized (pass → fail)');
  });
});
