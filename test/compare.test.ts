import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { quotalabHere } from './in-process.ts';
import type { Ended } from './quotalab.ts';

// Some tests start four processes in sequence, which is slow on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'quotalab-compare-'));

function quotalab(...args: string[]): Promise<Ended> {
  const quick = args[0] === 'run' ? ['--no-charts', '-q'] : [];
  return quotalabHere([...args, ...quick], { cwd: folder });
}

/** A client with at most ATTEMPTS attempts and a fixed wait of WAIT_MS after a refusal. */
const CLIENT = `
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
export default async function (call, { env, signal }) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', {
      method: 'POST',
      headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY },
      body: JSON.stringify({ model: call.model, messages: [{ role: 'user', content: call.prompt }] }),
      signal,
    });
    await response.text();
    if (response.ok) return;
    if (attempt >= Number(env.ATTEMPTS)) throw new Error('HTTP ' + response.status);
    await sleep(Number(env.WAIT_MS));
  }
}
`;
/** Three VUs, five requests per second: some are refused. Verdicts that this client fails only warn, except gives-up-early. */
const SCENARIO = `
name: short
provider:
  limits: [{ name: requests, refill: 5/s, capacity: 2 }]
  latency: { firstToken: 5ms, perToken: 0s }
client: { module: ./client.mjs, env: { ATTEMPTS: 9, WAIT_MS: 1000 } }
load: [{ executor: constant-vus, vus: 3, duration: 20s, gracefulStop: 5s, wait: { between: [100ms, 300ms] } }]
thresholds: { call_failed: ['rate<0.05'] }
verdicts: { ignores-retry-after: warn, amplifies-load: warn, synchronised-herd: warn, gives-up-early: error }
`;
const put = (name: string, content: string | object): void =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const run = (out: string, ...args: string[]): Promise<Ended> => quotalab('run', 'scenario.yaml', '-o', out, ...args);
const WAIT = (ms: number): string[] => ['--set', `client.env.WAIT_MS=${ms}`];
/** Gives up after the first refusal, so calls fail. */
const GIVES_UP = ['--set', 'client.env.ATTEMPTS=1'];

beforeAll(async () => {
  put('client.mjs', CLIENT);
  put('scenario.yaml', SCENARIO);
  await Promise.all([
    run('base'),
    run('slow', ...WAIT(1500)),
    run('hasty', ...GIVES_UP),
    run('five', '--seeds', '5'),
    run('five-slow', '--seeds', '5', ...WAIT(4000)),
  ]);
}, 300_000);

describe('quotalab compare', () => {
  it.each([
    ['summaries', 'base/summary.json', 'base/summary.json'],
    ['journals', 'base/journal.jsonl', 'base/journal.jsonl'],
    ['a summary and a journal', 'base/summary.json', 'base/journal.jsonl'],
    ['folders', 'base', 'base'],
    ['seeds and their folder', 'five/seeds.json', 'five'],
    ['one seed of five with that seed', 'base', 'five'],
  ])('a client compared with itself, as %s: no change, exit 0', async (_what, base, candidate) => {
    const { code, stdout, stderr } = await quotalab('compare', base, candidate);
    expect(stderr).toBe('');
    expect(stdout).toContain('no regression');
    expect(stdout).not.toContain('VERDICTS');
    expect(stdout).toMatch(/FIGURES\n {4}= \d+ figures are the same\n/);
    expect(code).toBe(0);
  });

  it('a client that waits longer: goodput regresses, exit 99, with the first difference', async () => {
    const { code, stdout } = await quotalab('compare', 'base/summary.json', 'slow/journal.jsonl');
    expect(stdout).toMatch(/WORSE THAN ALLOWED\n {4}✗ goodput: .*\/s less; allowed: -5%\./);
    expect(stdout).toMatch(/In virtual time there is no noise: \d+ attempts? (more|fewer), /);
    expect(stdout).toMatch(/First difference, at \S+s with seed 1:\n {6}base {7}attempt 2 of call \d+ at \d+ms/);
    expect(code).toBe(99);
  });

  it('within the allowance: exit 0', async () => {
    const allow = ['--allowance', '10000%', '--allow', 'goodput=any'];
    const { code, stdout } = await quotalab('compare', 'base', 'slow', ...allow);
    expect(stdout).toContain('no regression');
    expect(code).toBe(0);
  });

  it('verdicts and thresholds lost, and gained when swapped', async () => {
    const generous = ['--allowance', '100000%', '--allow', 'goodput=any', '--allow', 'call_failed=any'];
    const lost = await quotalab('compare', 'base', 'hasty', ...generous);
    expect(lost.stdout).toMatch(/VERDICTS[\s\S]*✗ gives-up-early: pass → fail/);
    expect(lost.stdout).toMatch(/✗ call_failed rate<0\.05: held → failed/);
    expect(lost.stdout).toContain('2 regressions');
    expect(lost.code).toBe(99);
    const gained = await quotalab('compare', 'hasty', 'base', ...generous);
    expect(gained.stdout).toMatch(/✓ gives-up-early: fail → pass/);
    expect(gained.stdout).toMatch(/✓ call_failed rate<0\.05: failed → held/);
    expect(gained.code).toBe(0);
  });

  it('five seeds per side: real changes with their test', async () => {
    const { code, stdout } = await quotalab('compare', 'five', 'five-slow');
    expect(stdout).toContain('seeds 1 to 5');
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /✗ goodput: .* less .*; allowed: -5%\. Real: every seed of the candidate is lower \(Mann-Whitney, p = 0\.008, Cliff's delta -1\)/,
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain('Of the seeds on both sides, 5 of 5 differ.');
    expect(code).toBe(99);
  });

  it('--json prints only JSON to stdout', async () => {
    const { code, stdout } = await quotalab('compare', 'base', 'slow', '--json');
    const comparison = JSON.parse(stdout);
    expect(comparison).toMatchObject({
      version: 1,
      scenario: 'short',
      basis: 'exact',
      base: { file: 'base' },
      firstDifference: { seed: 1, of: 'behaviour' },
    });
    expect(comparison.regressions.length).toBeGreaterThan(0);
    expect(code).toBe(99);
  });
});

describe('quotalab compare, invalid input: exit 2 with every problem', () => {
  beforeAll(() => {
    put('app.json', { name: 'app', version: '1.0.0' });
    put('torn.json', '{"version": 1, ');
    put('newer.json', { ...JSON.parse(read('base/summary.json')), version: 99 });
    put('older.json', { ...JSON.parse(read('base/summary.json')), figures: undefined, conditions: undefined });
    put('newer.jsonl', read('base/journal.jsonl').replace(/"version":\d+/, '"version":99'));
    put('no-run.jsonl', '');
    mkdirSync(join(folder, 'nothing'));
    cpSync(join(folder, 'five'), join(folder, 'both'), { recursive: true });
    cpSync(join(folder, 'base/journal.jsonl'), join(folder, 'both/journal.jsonl'));
    mkdirSync(join(folder, 'twice'));
    for (const name of ['a', 'b']) cpSync(join(folder, 'base/journal.jsonl'), join(folder, `twice/${name}.jsonl`));
    put('cut.jsonl', read('base/journal.jsonl').slice(0, -30));
  });

  it.each<[string, string[], RegExp[]]>([
    ['two missing files', ['a.json', 'b.json'], [/there is no file a\.json/, /there is no file b\.json/]],
    [
      'flags and both files',
      ['a.json', 'torn.json', '--allowance', 'some', '--allow', 'call_faild=+1pp'],
      [
        /3 errors/,
        /--allowance: cannot parse "some"/,
        /did you mean "call_failed"/,
        /a\.json/,
        /torn\.json is not valid JSON/,
      ],
    ],
    [
      'a file that is not a result',
      ['base', 'app.json'],
      [/app\.json is not the result of a run \(compare\/not-a-result\)/, /expected a journal/],
    ],
    [
      'a newer format',
      ['base', 'newer.json'],
      [/newer\.json has format 99; this version reads up to 1 \(compare\/newer-version\)/],
    ],
    ['a newer journal', ['base', 'newer.jsonl'], [/journal\//, /99/]],
    ['an older summary', ['base', 'older.json'], [/compare\/older-version/, /quotalab report journal\.jsonl/]],
    ['an empty journal', ['base', 'no-run.jsonl'], [/no-run\.jsonl/]],
    ['an empty folder', ['base', 'nothing'], [/nothing contains no run/]],
    ['a folder of two results', ['base', 'both'], [/both contains two results \(compare\/ambiguous\)/]],
    ['a duplicate seed', ['base', 'twice'], [/seed 1 is duplicated/]],
    ['a run that was cut off', ['base', 'cut.jsonl'], [/candidate, seed 1: .* before the run ended/]],
    ['one side only', ['base'], [/missing required argument 'candidate'/]],
  ])('%s', async (_what, args, expected) => {
    const { code, stdout, stderr } = await quotalab('compare', ...args);
    for (const one of expected) expect(stderr).toMatch(one);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('another scenario: lists the differences; --force compares anyway and warns', async () => {
    const other = ['--set', 'provider.limits[0].refill=6/s', '--set', 'load[0].vus=4', '--set', 'name=other'];
    await run('other', ...other);
    const refused = await quotalab('compare', 'base', 'other');
    expect(refused.stderr).toContain('compare/not-comparable');
    expect(refused.stderr).toContain('  name: short in the base, other in the candidate\n');
    expect(refused.stderr).toContain('  load[0].vus: 3 in the base, 4 in the candidate\n');
    expect(refused.stderr).toMatch(
      /provider\.limits\.requests\.spec\.refill\.amount: 5 in the base, 6 in the candidate/,
    );
    expect(refused.code).toBe(2);
    const forced = await quotalab('compare', 'base', 'other', '--force');
    expect(forced.stdout).toContain('Not comparable, but forced: load[0].vus is 3, then 4.');
    expect([0, 99]).toContain(forced.code);
  });
});

describe('quotalab run with a baseline', () => {
  it('missing: exit 2 before anything runs, with how to create it', async () => {
    const { code, stderr } = await run('missing', '--baseline', 'nope.json');
    expect(stderr).toContain('baseline nope.json not found (baseline/not-found)');
    expect(stderr).toContain('run once with --update-baseline to write it');
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'missing/journal.jsonl'))).toBe(false);
  });

  it('written: matches its schema; an equal result leaves the file untouched', async () => {
    const first = await run('w', '--baseline', 'ci/baseline.json', '--update-baseline');
    expect(first.stderr).toContain('ci/baseline.json was written');
    expect(first.code).toBe(0);
    const text = read('ci/baseline.json');
    const schema = JSON.parse(readFileSync(new URL('../schema/baseline.schema.json', import.meta.url), 'utf8'));
    expect(new Ajv().compile(schema)(JSON.parse(text))).toBe(true);
    expect(text).not.toContain(folder);
    const { ino } = statSync(join(folder, 'ci/baseline.json'));
    const again = await run('w2', '--baseline', 'ci/baseline.json', '--update-baseline');
    expect(again.stderr).toContain('ci/baseline.json is unchanged');
    expect(read('ci/baseline.json')).toBe(text);
    expect(statSync(join(folder, 'ci/baseline.json')).ino).toBe(ino);
    // No temporary file is left beside it.
    expect(readdirSync(join(folder, 'ci'))).toEqual(['baseline.json']);
  });

  it('equal: exit 0, and comparison.json is written', async () => {
    await run('w', '--baseline', 'b.json', '--update-baseline');
    const { code, stdout } = await run('equal', '--baseline', 'b.json');
    expect(stdout).toMatch(/base +b\.json: seed 1\n +candidate +this run: seed 1/);
    expect(stdout).toContain('In virtual time there is no noise, and no figure differs.');
    expect(code).toBe(0);
    expect(JSON.parse(read('equal/comparison.json'))).toMatchObject({ regressions: [], base: { file: 'b.json' } });
  });

  it('regressed: exit 99 with the regressions; with --json the text goes to stderr', async () => {
    await run('w', '--baseline', 'b.json', '--update-baseline');
    const worse = await run('worse', '--baseline', 'b.json', ...WAIT(1500));
    expect(worse.stdout).toContain('WORSE THAN ALLOWED');
    expect(worse.code).toBe(99);
    const allowed = await run('worse', '--baseline', 'b.json', ...WAIT(1500), '--allowance', '1000%');
    expect(allowed.stdout).toContain('no regression');
    expect(allowed.code).toBe(0);
    const json = await run('worse', '--baseline', 'b.json', ...WAIT(1500), '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ scenario: 'short' });
    expect(json.stderr).toContain('WORSE THAN ALLOWED');
    expect(json.code).toBe(99);
  });

  it('updated: the worse run becomes the baseline', async () => {
    await run('w', '--baseline', 'new.json', '--update-baseline');
    await run('w', '--baseline', 'new.json', '--update-baseline', ...WAIT(1500));
    expect((await run('w', '--baseline', 'new.json', ...WAIT(1500))).code).toBe(0);
  });

  it('of five seeds, compared with one and with five', async () => {
    await run('w5', '--seeds', '5', '--baseline', 'five.json', '--update-baseline');
    const five = await run('w5', '--seeds', '5', '--baseline', 'five.json');
    expect(five.stdout).toMatch(/Of the seeds on both\s+sides, no figure\s+differs\./);
    expect(five.code).toBe(0);
    const one = await run('w1', '--seed', '3', '--baseline', 'five.json');
    expect(one.stdout).toContain("Only seed 3 of the base's 5 is on both sides");
    expect(one.code).toBe(0);
  });

  it('a run that fails its verdicts fails without a regression, with a message', async () => {
    await run('h', '--baseline', 'hasty.json', '--update-baseline', ...GIVES_UP);
    const { code, stdout } = await run('h', '--baseline', 'hasty.json', ...GIVES_UP);
    expect(stdout.replace(/\s+/g, ' ')).toContain('no regression');
    expect(stdout.match(/^ {2}(?:PASSED|FAILED) /gm)).toHaveLength(1);
    expect(code).toBe(99);
  });

  it('of another scenario: exit 2 before anything runs', async () => {
    await run('w', '--baseline', 'b.json', '--update-baseline');
    const { code, stderr } = await run('changed', '--baseline', 'b.json', '--set', 'load[0].vus=9');
    expect(stderr).toContain('load[0].vus: 3 in the base, 9 in the candidate');
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'changed/journal.jsonl'))).toBe(false);
  });

  it('a client that exits leaves the baseline unchanged', async () => {
    await run('w', '--baseline', 'kept.json', '--update-baseline');
    const before = read('kept.json');
    put('client.mjs', `${CLIENT}\nsetTimeout(() => process.exit(3), 5000);`);
    const { code, stderr } = await run('w', '--baseline', 'kept.json', '--update-baseline');
    put('client.mjs', CLIENT);
    expect(stderr).toContain('kept.json is unchanged: the run was incomplete');
    expect(code).toBe(2);
    expect(read('kept.json')).toBe(before);
  });

  it.each<[string, string[], RegExp[]]>([
    [
      'incompatible flags, all at once',
      ['--update-baseline', '--check-determinism', '--allow', 'calls=+1'],
      [
        /needs --baseline FILE: the file to write/,
        /cannot be combined with --check-determinism/,
        /--allow: needs --baseline FILE/,
      ],
    ],
    ['a folder as baseline', ['--update-baseline', '--baseline', 'base'], [/base is a folder: name the file to write/]],
    [
      'an invalid allowance and a missing file',
      ['--baseline', 'nope.json', '--allow', 'goodput=+5%'],
      [/goodput gets worse when it falls: write -5%/, /baseline nope\.json not found/],
    ],
    ['a file that is not JSON', ['--baseline', 'scenario.yaml'], [/scenario\.yaml is not valid JSON/]],
  ])('%s: exit 2, nothing runs', async (_what, args, expected) => {
    const { code, stderr } = await run('wrong', ...args);
    for (const one of expected) expect(stderr).toMatch(one);
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'wrong/journal.jsonl'))).toBe(false);
  });
});
