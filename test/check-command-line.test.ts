import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CheckTable } from '../src/check/check-table.ts';
import { quotalabHere as quotalab } from './in-process.ts';
import type { Ended } from './quotalab.ts';
import { describeWith } from './real-parts.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/check/${name}`, import.meta.url));
const temporary = (): string => mkdtempSync(join(tmpdir(), 'quotalab-check-'));
const NODE = process.execPath;

/** Runs `quotalab check … --json` and returns its table by row. */
async function tableOf(args: readonly string[]): Promise<CheckTable & { code: number | null; verdicts: object }> {
  const [flags, program] = args.includes('--')
    ? [args.slice(0, args.indexOf('--')), args.slice(args.indexOf('--'))]
    : [args, []];
  const { code, stdout, stderr } = await quotalab(['check', ...flags, '--json', '-q', ...program], {
    cwd: temporary(),
  });
  if (stdout === '') throw new Error(stderr);
  const table = JSON.parse(stdout) as CheckTable;
  return { ...table, code, verdicts: Object.fromEntries(table.rows.map(({ id, verdict }) => [id, verdict])) };
}

describeWith(['faketime'], 'a program', () => {
  const SCALED = ['scaled', 'a program runs on real sockets, with clocks 10 times as fast'];

  it('one process a call', async () => {
    const program = ['--', NODE, fixture('program.ts')];
    const table = await tableOf(['--only', 'unauthorized,billing', '--dialect', 'openai', ...program]);
    expect([table.time, table.weaker]).toEqual(SCALED);
    expect(table.verdicts).toEqual({ unauthorized: 'pass', billing: 'pass' });
    for (const { did } of table.rows) expect(did).toMatch(/^0 of 5 answered, one try each/);
    expect(table.code).toBe(0);
  });

  it('a worker', async () => {
    const program = ['--worker', '--', NODE, fixture('program.ts'), 'worker'];
    const table = await tableOf(['--only', 'server-error', '--dialect', 'openai', ...program]);
    expect([table.time, table.weaker]).toEqual(SCALED);
    // Every second request meets a 500, and its call gives up; a machine that is too slow for clocks this fast says so instead.
    const { verdict, did, reason } = table.rows[0]!;
    expect(did).toMatch(/^1[23] of 25 answered, one try each/);
    expect(['fail', 'undecided']).toContain(verdict);
    if (verdict === 'undecided') expect(reason).toMatch(/^The machine was too slow: .* It looked like fail/);
    expect(table.code).toBe(verdict === 'fail' ? 99 : 0);
  });

  it('that gives no error where it got one, with how to look at its row', async () => {
    const { stdout, code } = await quotalab(
      ['check', '--only', 'unauthorized', '--', NODE, fixture('program.ts'), 'swallow'],
      { cwd: temporary() },
    );
    expect(code).toBe(99);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/✗ unauthorized: .* 0 of 5 answered, 5 /);
    expect(stdout).toContain('All rows prove less than in virtual time: a program runs');
    expect(stdout).toContain(`to look at a row, add before --: --only unauthorized --keep`);
  });
});

describe('a gateway in front of the client', () => {
  const GATEWAY = `command: [${NODE}, ${fixture('repeating-gateway.ts')}]\nenv: { PORT: '{port}', UPSTREAM: '{upstream}' }\n`;

  async function behind(text: string): Promise<CheckTable & { code: number | null; verdicts: object }> {
    const file = join(temporary(), 'gateway.yaml');
    writeFileSync(file, text);
    return tableOf([fixture('plain.ts'), '--only', 'server-error,unauthorized', '--gateway', file]);
  }

  it('answers for it: one that repeats a 500 makes a client pass that does not', async () => {
    const alone = await tableOf([fixture('plain.ts'), '--only', 'server-error,unauthorized']);
    expect([alone.time, alone.verdicts]).toEqual(['virtual', { unauthorized: 'pass', 'server-error': 'fail' }]);
    const table = await behind(GATEWAY);
    expect([table.time, table.weaker]).toEqual(['wall', 'a gateway runs in real time']);
    expect(table.rows.find(({ id }) => id === 'unauthorized')).toMatchObject({ verdict: 'pass' });
    expect(table.rows.find(({ id }) => id === 'server-error')!.did).toMatch(/^5 of 5 answered, one try each/);
  });

  it('may stand in a scenario, under gateway:', async () => {
    const indented = GATEWAY.replace(/^/gm, '  ').trimEnd();
    const table = await behind(`name: ours\ngateway:\n${indented}\n`);
    expect(table.rows.find(({ id }) => id === 'server-error')!.did).toMatch(/^5 of 5 answered, one try each/);
  });

  it('that does not start is told before any row', async () => {
    const cwd = temporary();
    writeFileSync(join(cwd, 'gateway.yaml'), `command: [${NODE}, -e, 'process.exit(3)', '{port}']\n`);
    const only = ['--only', 'unauthorized', '--gateway'];
    const broken = await quotalab(['check', fixture('plain.ts'), ...only, 'gateway.yaml'], { cwd });
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain('ended with exit code 3');
    const missing = await quotalab(['check', fixture('plain.ts'), ...only, 'none.yaml'], { cwd });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('cannot read none.yaml');
  });
});

describe('in CI', () => {
  const ROWS = ['--only', 'server-error,unauthorized,stream-cut', '-q'];

  /** Checks the plain client as a step of GitHub Actions, in a repository that has it. */
  async function step(...more: string[]): Promise<Ended & { summary: string; cwd: string }> {
    const cwd = temporary();
    writeFileSync(join(cwd, 'client.ts'), readFileSync(fixture('plain.ts'), 'utf8').replace(/^import type.*\n/m, ''));
    const text = readFileSync(join(cwd, 'client.ts'), 'utf8');
    writeFileSync(join(cwd, 'client.ts'), text.replace(/: ClientCall|: CallContext/g, ': any'));
    const summary = join(cwd, 'summary.md');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: cwd, CI: '' };
    const ended = await quotalab(['check', './client.ts', ...ROWS, ...more], { cwd, env });
    return { ...ended, cwd, summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '' };
  }

  const commandsIn = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('::'));

  it('each row that fails is an annotation at the client, and all are in the summary', async () => {
    const { stdout, summary, code } = await step();
    expect(code).toBe(99);
    const [error, ...others] = commandsIn(stdout);
    expect(others).toEqual([]);
    expect(error).toMatch(/^::error file=client\.ts,line=3,title=row server-error::answered 500 once a call: /);
    expect(summary).toContain('quotalab check');
    for (const id of ['server-error', 'unauthorized', 'stream-cut']) expect(summary).toContain(id);
  });

  it('JSON on stdout stays JSON; --no-github says nothing', async () => {
    const { stdout, stderr } = await step('--json');
    expect(JSON.parse(stdout)).toMatchObject({ passed: false, dialect: 'openai', time: 'virtual', seed: 1 });
    expect(commandsIn(stderr)).toHaveLength(1);
    const silent = await step('--no-github');
    expect([...commandsIn(silent.stdout), ...commandsIn(silent.stderr), silent.summary]).toEqual(['']);
  });

  it('each row is a test in the XML: failed, passed, or skipped where it does not apply', async () => {
    const { cwd, code } = await step('--junit', 'out/check.xml', '--no-github');
    expect(code).toBe(99);
    const xml = readFileSync(join(cwd, 'out/check.xml'), 'utf8');
    const cases = [...xml.matchAll(/<testcase [^>]*? name="([^"]+)"[^>]*?(\/>|>[\s\S]*?<\/testcase>)/g)];
    const outcomes = cases.map(([, name, body]) => [
      name,
      body!.includes('<failure') ? 'failed' : body!.includes('<skipped') ? 'skipped' : 'passed',
    ]);
    expect(Object.fromEntries(outcomes)).toEqual({
      unauthorized: 'passed',
      'server-error': 'failed',
      'stream-cut': 'skipped',
    });
    expect(xml).toMatch(/<testsuite [^>]*name="check"[^>]*tests="3"[^>]*failures="1"/);
    expect(xml).toContain('<property name="dialect" value="openai"');
  });

  it('a client without a plain answer is an error in XML and annotation', async () => {
    const { cwd, code, stdout } = await step('--dialect', 'gemini', '--junit', 'out/check.xml');
    expect(code).toBe(2);
    expect(commandsIn(stdout)[0]).toContain('check/no-plain-call');
    expect(readFileSync(join(cwd, 'out/check.xml'), 'utf8')).toContain('type="check/no-plain-call"');
  });

  it('a baseline fails only what got worse, in all outputs alike', async () => {
    const cwd = temporary();
    const args = ['--only', 'server-error,unauthorized', '-q', '--baseline', 'kept.json'];
    const missing = await quotalab(['check', fixture('plain.ts'), ...args], { cwd, env: { CI: 'true' } });
    expect([missing.code, existsSync(join(cwd, 'kept.json'))]).toEqual([2, false]);
    expect(missing.stderr).toContain('baseline kept.json not found');
    const written = await quotalab(['check', fixture('plain.ts'), ...args, '--update-baseline'], { cwd });
    expect(written.code).toBe(0);
    // The known failure fails neither the command, nor its test, nor an annotation.
    const same = await quotalab(['check', fixture('plain.ts'), ...args, '--json', '--junit', 'a.xml'], { cwd });
    expect(same.code).toBe(0);
    expect(JSON.parse(same.stdout)).toMatchObject({ passed: false, comparison: { passed: true, worse: [] } });
    expect(readFileSync(join(cwd, 'a.xml'), 'utf8')).not.toContain('<failure');
    const worse = await quotalab(['check', fixture('swallowing.ts'), ...args, '--json', '--junit', 'a.xml'], { cwd });
    expect(worse.code).toBe(99);
    expect(JSON.parse(worse.stdout).comparison.worse).toEqual([{ id: 'unauthorized', before: 'pass', now: 'fail' }]);
    expect(readFileSync(join(cwd, 'a.xml'), 'utf8').match(/<failure/g)).toHaveLength(1);
    writeFileSync(join(cwd, 'kept.json'), '{"rows": 3');
    const damaged = await quotalab(['check', fixture('plain.ts'), ...args], { cwd });
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toContain('kept.json');
    expect(damaged.stderr).not.toContain('    at ');
  });
});

describe('what is wrong with the command line', () => {
  it.each([
    [['check'], 'no client was named'],
    [['check', 'a.ts', 'b.ts'], '2 clients were named'],
    [['check', 'a.ts', '--only', 'hnag'], 'there is no row hnag'],
    [['check', 'a.ts', '--args', '{}'], 'must be a JSON list of arguments'],
    [['check', './none.ts'], 'none.ts'],
  ])('%j', async (args, said) => {
    const { code, stderr } = await quotalab(args, { cwd: temporary() });
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});
