import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { quotalabHere as quotalab } from './in-process.ts';
import type { Ended } from './quotalab.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Creates a folder with the newcomer scenario and one minute of load. */
function repository(client = 'client.ts', more = ''): string {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-ci-'));
  cpSync(join(root, 'scenarios/newcomer'), cwd, { recursive: true });
  const text = readFileSync(join(cwd, 'scenario.yaml'), 'utf8')
    .replace('./client.ts', `./${client}`)
    .replace('duration: 5m', 'duration: 1m');
  writeFileSync(join(cwd, 'quotalab.yaml'), `${text}${more}`);
  return cwd;
}

/** Runs quotalab as a step of GitHub Actions. */
async function step(cwd: string, ...args: string[]): Promise<Ended & { summary: string }> {
  const file = join(cwd, 'step-summary.md');
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file, GITHUB_WORKSPACE: cwd };
  const ended = await quotalab([...args, ...(args[0] === 'compare' ? [] : ['--no-charts'])], { cwd, env });
  return { ...ended, summary: existsSync(file) ? readFileSync(file, 'utf8') : '' };
}

const commandsIn = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('::'));

describe('in GitHub Actions', () => {
  it('annotates errors in the scenario, or else at the client, and appends the summary', async () => {
    const cwd = repository('client.ts', 'verdicts:\n  over-waits: warn\n  ignores-retry-after: error\n');
    writeFileSync(join(cwd, 'step-summary.md'), 'Before.\n');
    const { code, stdout, summary } = await step(cwd, 'run');
    expect(code).toBe(99);
    const lines = readFileSync(join(cwd, 'quotalab.yaml'), 'utf8').split('\n');
    const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
    const clientLines = readFileSync(join(cwd, 'client.ts'), 'utf8').split('\n');
    const errors = commandsIn(stdout).filter((line) => line.startsWith('::error'));
    expect(errors.map((line) => /^::error (.*?)::/.exec(line)![1])).toEqual([
      `file=quotalab.yaml,line=${lineOf('ignores-retry-after')},title=verdict ignores-retry-after`,
      `file=client.ts,line=${clientLines.findIndex((line) => line.startsWith('export default')) + 1},title=verdict amplifies-load`,
      `file=quotalab.yaml,line=${lineOf('call_failed')},title=threshold call_failed rate<0.01`,
    ]);
    expect(commandsIn(stdout).some((line) => line.startsWith('::warning file=client.ts'))).toBe(true);
    expect(summary).toMatch(/^Before\.\n## newcomer ❌ failed: ignores-retry-after/);
  });

  it('truncates the step summary', async () => {
    const cwd = repository();
    writeFileSync(join(cwd, 'step-summary.md'), 'x'.repeat(1024 * 1024 - 300));
    const { summary } = await step(cwd, 'run');
    expect(summary.length).toBeLessThanOrEqual(1024 * 1024);
    expect(summary).toContain('*Truncated: ');
  });

  it('JSON on stdout stays JSON', async () => {
    const { stdout, stderr } = await step(repository(), 'run', '--json');
    expect(JSON.parse(stdout).scenario).toBe('newcomer');
    expect(commandsIn(stderr).length).toBeGreaterThan(2);
  });

  it('--no-github prints no annotations', async () => {
    const { stdout, stderr, summary } = await step(repository(), 'run', '--no-github');
    expect([...commandsIn(stdout), ...commandsIn(stderr), summary]).toEqual(['']);
  });

  it('annotates an invalid scenario at its line, with an error in the XML', async () => {
    const cwd = repository('client.ts', 'lod: 3\n');
    const { code, stdout } = await step(cwd, 'run', '--junit', 'out/junit.xml');
    expect(code).toBe(2);
    const line = readFileSync(join(cwd, 'quotalab.yaml'), 'utf8').split('\n').indexOf('lod: 3') + 1;
    expect(commandsIn(stdout)[0]).toMatch(
      new RegExp(`^::error file=quotalab.yaml,line=${line},title=scenario/invalid::`),
    );
    expect(readFileSync(join(cwd, 'out/junit.xml'), 'utf8')).toContain('type="scenario/invalid"');
  });

  it('annotates a client that exits during the run', async () => {
    const cwd = repository('gone.ts');
    writeFileSync(join(cwd, 'gone.ts'), 'export default async () => { process.exit(3); };\n');
    const { code, stdout, summary } = await step(cwd, 'run', '--junit', 'junit.xml');
    expect(code).toBe(2);
    expect(summary).toMatch(/^## newcomer ❌ incomplete: /);
    expect(commandsIn(stdout).at(-1)).toMatch(/^::error title=client\//);
    expect(readFileSync(join(cwd, 'junit.xml'), 'utf8')).toMatch(/errors="1"[\s\S]*<error [^>]*type="client\//);
  });
});

it('exits with 2 before the run if the XML file cannot be written', async () => {
  const cwd = repository();
  const { code, stderr } = await quotalab(['run', '--junit', '.'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('(report/not-writable)');
  expect(existsSync(join(cwd, 'reports'))).toBe(false);
});

describe('a baseline and several seeds', () => {
  it('a regression is a failure in the XML', async () => {
    const cwd = repository('mended.ts');
    const baseline = ['--baseline', 'base.json'];
    expect((await step(cwd, 'run', ...baseline, '--update-baseline')).code).toBe(0);
    writeFileSync(
      join(cwd, 'mended.ts'),
      readFileSync(join(cwd, 'mended.ts'), 'utf8').replace('SPACING_MS = 200', 'SPACING_MS = 300'),
    );
    const { code, stdout } = await step(cwd, 'run', ...baseline, '--junit', 'junit.xml');
    expect(code).toBe(99);
    const xml = readFileSync(join(cwd, 'junit.xml'), 'utf8');
    expect(xml).toMatch(/classname="quotalab\.comparisons" name="call_duration p\(95\)" time="0">\s*<failure/);
    expect(xml).not.toMatch(/quotalab\.verdicts" name="[^"]+" time="0">\s*<failure/);
    expect(commandsIn(stdout).some((line) => line.includes('title=comparison call_duration p(95)::'))).toBe(true);
  });

  it('--seeds: one test case per verdict, over all seeds', async () => {
    const cwd = repository();
    const { code, stdout } = await step(cwd, 'run', '--seeds', '2', '--junit', 'junit.xml');
    expect(code).toBe(99);
    const xml = readFileSync(join(cwd, 'junit.xml'), 'utf8');
    expect(xml).toContain('<property name="seed" value="1, 2"/>');
    expect(xml.match(/name="ignores-retry-after"/g)).toHaveLength(1);
    expect(commandsIn(stdout).some((line) => line.includes('seed 1, 2: '))).toBe(true);
  });

  it('compare and report write it too', async () => {
    const cwd = repository();
    await step(cwd, 'run', '-o', 'bad', '--junit', 'run.xml');
    await step(cwd, 'run', '-o', 'good', '--set', 'client.module=./mended.ts');
    const compared = await step(cwd, 'compare', 'good', 'bad', '--junit', 'compare.xml');
    expect(compared.code).toBe(99);
    expect(readFileSync(join(cwd, 'compare.xml'), 'utf8')).toMatch(/name="ignores-retry-after" time="0">\s*<failure/);
    const reported = await step(cwd, 'report', 'bad/journal.jsonl', '--junit', 'report.xml');
    expect(reported.code).toBe(99);
    expect(readFileSync(join(cwd, 'report.xml'), 'utf8')).toBe(readFileSync(join(cwd, 'run.xml'), 'utf8'));
  });
});

describe('verdicts on random draws', () => {
  const CHANCE = `verdicts:
  ${['ignores-retry-after', 'amplifies-load', 'gives-up-early'].join(': warn\n  ')}: warn
  no-jitter: error
`;
  const chancy = (): string => {
    const cwd = repository('client.ts', CHANCE);
    const file = join(cwd, 'quotalab.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/thresholds:\n.*\n/, ''));
    return cwd;
  };

  it('are repeated with the next seed, and fail if it agrees', async () => {
    const cwd = chancy();
    const { code, stdout, stderr } = await step(cwd, 'run');
    expect(stderr).toContain('repeating the run with seed 2');
    expect(stdout.replace(/\s+/g, ' ')).toContain('Repeated with seed 2: same result');
    expect(code).toBe(99);
    expect(readdirSync(join(cwd, 'reports/newcomer')).filter((name) => name.includes('.jsonl'))).toEqual([
      'journal.jsonl',
    ]);
  });

  it('stay a warning with --no-confirm', async () => {
    const { code, stdout, stderr } = await step(chancy(), 'run', '--no-confirm', '--full');
    expect(stderr).not.toContain('repeating');
    expect(stdout).toContain('One run does not prove this');
    expect(code).toBe(0);
  });

  it('are not repeated if none would fail', async () => {
    const { code, stderr } = await step(repository('mended.ts', 'verdicts:\n  starves-callers: error\n'), 'run');
    expect(stderr).not.toContain('repeating');
    expect(code).toBe(0);
  });
});

interface Workflow {
  readonly jobs: Readonly<Record<string, { steps: { run?: string; uses?: string; with?: { path?: string } }[] }>>;
}

describe('the examples in docs', () => {
  const ci = readFileSync(join(root, 'docs/ci.md'), 'utf8');

  /** Runs a quotalab command line of the file with the quotalab of this repository instead of npx. */
  async function runLine(line: string): Promise<{ cwd: string; code: number | null }> {
    const cwd = repository('mended.ts');
    const [npx, name, ...args] = line.trim().split(/\s+/);
    expect([npx, name]).toEqual(['npx', 'quotalab']);
    return { cwd, code: (await quotalab(args, { cwd })).code };
  }

  it('the workflow runs and writes the files it uploads', async () => {
    const { jobs } = parse(readFileSync(join(root, 'docs/examples/quotalab.yml'), 'utf8')) as Workflow;
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const lines = steps.flatMap(({ run }) => (run?.includes('quotalab') ? [run] : []));
    expect(lines).toHaveLength(1);
    const { cwd, code } = await runLine(lines[0]!);
    expect(code).toBe(0);
    const uploaded = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'))!.with!.path!;
    const paths = uploaded.trim().split('\n');
    expect(paths).toEqual(['reports/quotalab', 'reports/quotalab.xml']);
    expect(paths.filter((path) => !existsSync(join(cwd, path)))).toEqual([]);
    expect(existsSync(join(cwd, 'reports/quotalab/load.png'))).toBe(true);
  });

  it('the GitLab job runs and writes its artifacts', async () => {
    const [, text] = /```yaml\n([\s\S]*?)```/.exec(ci)!;
    const { quotalab: job } = parse(text!) as {
      quotalab: { script: string[]; artifacts: { paths: string[]; reports: { junit: string } } };
    };
    const { cwd, code } = await runLine(job.script.find((line) => line.includes('quotalab'))!);
    expect(code).toBe(0);
    for (const path of [...job.artifacts.paths, job.artifacts.reports.junit])
      expect(existsSync(join(cwd, path))).toBe(true);
  });

  it('the Jenkins stage runs and writes its JUnit file', async () => {
    const [, line] = /sh '([^']+)'/.exec(ci)!;
    const { cwd, code } = await runLine(line!);
    expect(code).toBe(0);
    expect(existsSync(join(cwd, /junit '([^']+)'/.exec(ci)![1]!))).toBe(true);
  });
});
