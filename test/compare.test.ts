import { spawn } from 'node:child_process';
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
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it, vi } from 'vitest';

// Some tests start four processes one after the other: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 300_000 });

const BIN = fileURLToPath(new URL('../bin/quotalab.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quotalab-compare-'));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function quotalab(...args: string[]): Promise<Ended> {
  const quick = args[0] === 'run' ? ['--no-charts', '-q'] : [];
  const child = spawn(process.execPath, [BIN, ...args, ...quick], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (data: string) => {
      text[name] += data;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...text })));
}

/** A client that asks nine times at most, and rests a set time after a refusal. */
const ASKS = `
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
    await sleep(Number(env.REST_MS));
  }
}
`;
/** Two users, five requests a second: some are refused. The verdicts that fail this client are not what is tested here. */
const SCENARIO = `
name: short
provider:
  limits: [{ name: requests, refill: 5/s, capacity: 2 }]
  latency: { firstToken: 5ms, perToken: 0s }
client: { module: ./client.mjs, env: { ATTEMPTS: 9, REST_MS: 1000 } }
load: [{ executor: constant-vus, vus: 3, duration: 20s, gracefulStop: 5s, wait: { between: [100ms, 300ms] } }]
thresholds: { call_failed: ['rate<0.05'] }
verdicts: { ignores-retry-after: warn, amplifies-load: warn, synchronised-herd: warn, gives-up-early: error }
`;
const put = (name: string, content: string | object): void =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const run = (out: string, ...args: string[]): Promise<Ended> => quotalab('run', 'scenario.yaml', '-o', out, ...args);
const REST = (ms: number): string[] => ['--set', `client.env.REST_MS=${ms}`];
/** Gives up at the first refusal: calls fail. */
const GIVES_UP = ['--set', 'client.env.ATTEMPTS=1'];

beforeAll(async () => {
  put('client.mjs', ASKS);
  put('scenario.yaml', SCENARIO);
  await Promise.all([
    run('base'),
    run('slow', ...REST(1500)),
    run('hasty', ...GIVES_UP),
    run('five', '--seeds', '5'),
    run('five-slow', '--seeds', '5', ...REST(4000)),
  ]);
}, 300_000);

describe.concurrent('quotalab compare', () => {
  it.each([
    ['summaries', 'base/summary.json', 'base/summary.json'],
    ['journals', 'base/journal.jsonl', 'base/journal.jsonl'],
    ['a summary and a journal', 'base/summary.json', 'base/journal.jsonl'],
    ['folders', 'base', 'base'],
    ['seeds and their folder', 'five/seeds.json', 'five'],
    ['one seed of five with that seed', 'base', 'five'],
  ])('a client with itself, as %s: nothing has changed, exit 0', async (_what, base, candidate) => {
    const { code, stdout, stderr } = await quotalab('compare', base, candidate);
    expect(stderr).toBe('');
    expect(stdout).toContain('no regression');
    expect(stdout).not.toContain('VERDICTS');
    expect(stdout).toMatch(/FIGURES\n {4}= the same: call_duration p\(50\),/);
    expect(code).toBe(0);
  });

  it('a client that rests longer: less comes through than is allowed, exit 99; where the two part', async () => {
    const { code, stdout } = await quotalab('compare', 'base/summary.json', 'slow/journal.jsonl');
    expect(stdout).toMatch(/WORSE THAN ALLOWED\n {4}✗ goodput: .*\/s less; allowed is -5%\./);
    expect(stdout).toMatch(/In virtual time nothing is noise: \d+ attempts? (more|fewer), /);
    expect(stdout).toMatch(/First that differs, at \d+\.\d+s with seed 1:\n {6}base {7}attempt 2 of call \d+ at \d+ms/);
    expect(code).toBe(99);
  });

  it('within what is allowed: exit 0', async () => {
    const allow = ['--allowance', '10000%', '--allow', 'goodput=any'];
    const { code, stdout } = await quotalab('compare', 'base', 'slow', ...allow);
    expect(stdout).toContain('no regression');
    expect(code).toBe(0);
  });

  it('verdicts and thresholds that are lost, and gained the other way round', async () => {
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

  it('five seeds a side: what is real, and by which test', async () => {
    const { code, stdout } = await quotalab('compare', 'five', 'five-slow');
    expect(stdout).toContain('seeds 1 to 5');
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /✗ goodput: .* less .*; allowed is -5%\. Real: every seed of the candidate is lower \(Mann-Whitney, p = 0\.008, Cliff's delta -1\)/,
    );
    expect(stdout).toContain('of those that both have, 5 of 5 differ.');
    expect(code).toBe(99);
  });

  it('as JSON, and nothing else on stdout', async () => {
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

describe.concurrent('quotalab compare, input that is wrong: exit 2, every problem told', () => {
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
    ['two files that are not there', ['a.json', 'b.json'], [/there is no file a\.json/, /there is no file b\.json/]],
    [
      'flags and both files',
      ['a.json', 'torn.json', '--allowance', 'some', '--allow', 'call_faild=+1pp'],
      [
        /4 things|3 things/,
        /--allowance: cannot read "some"/,
        /did you mean "call_failed"/,
        /a\.json/,
        /torn\.json is no JSON/,
      ],
    ],
    [
      'no result',
      ['base', 'app.json'],
      [/app\.json is no result of a run \(compare\/not-a-result\)/, /it must be a journal/],
    ],
    [
      'a newer format',
      ['base', 'newer.json'],
      [/newer\.json has format 99; this version reads up to 1 \(compare\/newer-version\)/],
    ],
    ['a newer journal', ['base', 'newer.jsonl'], [/journal\//, /99/]],
    ['an older summary', ['base', 'older.json'], [/compare\/older-version/, /quotalab report journal\.jsonl/]],
    ['an empty journal', ['base', 'no-run.jsonl'], [/no-run\.jsonl/]],
    ['an empty folder', ['base', 'nothing'], [/nothing holds no run/]],
    ['a folder of two results', ['base', 'both'], [/both holds two results \(compare\/ambiguous\)/]],
    ['a seed twice', ['base', 'twice'], [/seed 1 is there more than once/]],
    ['a run that was cut off', ['base', 'cut.jsonl'], [/candidate, seed 1: .*before its end/]],
    ['one side only', ['base'], [/missing required argument 'candidate'/]],
  ])('%s', async (_what, args, expected) => {
    const { code, stdout, stderr } = await quotalab('compare', ...args);
    for (const one of expected) expect(stderr).toMatch(one);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('another scenario: what differs, in its words; --force compares all the same and says so', async () => {
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
  it('missing: exit 2 before anything runs, and how to make one', async () => {
    const { code, stderr } = await run('missing', '--baseline', 'nope.json');
    expect(stderr).toContain('there is no baseline nope.json (baseline/not-found)');
    expect(stderr).toContain('run once with --update-baseline: it writes the file');
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'missing/journal.jsonl'))).toBe(false);
  });

  it('written, is what its schema says; written again, the same bytes and the same file', async () => {
    const first = await run('w', '--baseline', 'ci/baseline.json', '--update-baseline');
    expect(first.stderr).toContain('ci/baseline.json is written');
    expect(first.code).toBe(0);
    const text = read('ci/baseline.json');
    const schema = JSON.parse(readFileSync(new URL('../schema/baseline.schema.json', import.meta.url), 'utf8'));
    expect(new Ajv().compile(schema)(JSON.parse(text))).toBe(true);
    expect(text).not.toContain(folder);
    const { ino } = statSync(join(folder, 'ci/baseline.json'));
    const again = await run('w2', '--baseline', 'ci/baseline.json', '--update-baseline');
    expect(again.stderr).toContain('ci/baseline.json is as it was');
    expect(read('ci/baseline.json')).toBe(text);
    expect(statSync(join(folder, 'ci/baseline.json')).ino).toBe(ino);
    // Nothing half-written is left beside it.
    expect(readdirSync(join(folder, 'ci'))).toEqual(['baseline.json']);
  });

  it('equal: exit 0, and the comparison is kept', async () => {
    await run('w', '--baseline', 'b.json', '--update-baseline');
    const { code, stdout } = await run('equal', '--baseline', 'b.json');
    expect(stdout).toMatch(/base +b\.json: seed 1\n +candidate +this run: seed 1/);
    expect(stdout).toContain('In virtual time nothing is noise, and no figure differs.');
    expect(code).toBe(0);
    expect(JSON.parse(read('equal/comparison.json'))).toMatchObject({ regressions: [], base: { file: 'b.json' } });
  });

  it('regressed: exit 99, what got worse; with --json the words are on stderr', async () => {
    await run('w', '--baseline', 'b.json', '--update-baseline');
    const worse = await run('worse', '--baseline', 'b.json', ...REST(1500));
    expect(worse.stdout).toContain('WORSE THAN ALLOWED');
    expect(worse.code).toBe(99);
    const allowed = await run('worse', '--baseline', 'b.json', ...REST(1500), '--allowance', '1000%');
    expect(allowed.stdout).toContain('no regression');
    expect(allowed.code).toBe(0);
    const json = await run('worse', '--baseline', 'b.json', ...REST(1500), '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ scenario: 'short' });
    expect(json.stderr).toContain('WORSE THAN ALLOWED');
    expect(json.code).toBe(99);
  });

  it('updated: the worse run becomes what is expected', async () => {
    await run('w', '--baseline', 'new.json', '--update-baseline');
    await run('w', '--baseline', 'new.json', '--update-baseline', ...REST(1500));
    expect((await run('w', '--baseline', 'new.json', ...REST(1500))).code).toBe(0);
  });

  it('of five seeds, against one and against five', async () => {
    await run('w5', '--seeds', '5', '--baseline', 'five.json', '--update-baseline');
    const five = await run('w5', '--seeds', '5', '--baseline', 'five.json');
    expect(five.stdout).toMatch(/of those that both have, no figure of any\s+differs\./);
    expect(five.code).toBe(0);
    const one = await run('w1', '--seed', '3', '--baseline', 'five.json');
    expect(one.stdout).toContain("Only seed 3 of the base's 5 is in both");
    expect(one.code).toBe(0);
  });

  it('a run that fails by itself fails, though nothing is worse: that is told', async () => {
    await run('h', '--baseline', 'hasty.json', '--update-baseline', ...GIVES_UP);
    const { code, stdout, stderr } = await run('h', '--baseline', 'hasty.json', ...GIVES_UP);
    expect(stdout).toContain('no regression');
    expect(stderr).toContain('the run fails by its own verdicts or thresholds');
    expect(code).toBe(99);
  });

  it('of another scenario: exit 2 before anything runs', async () => {
    await run('w', '--baseline', 'b.json', '--update-baseline');
    const { code, stderr } = await run('changed', '--baseline', 'b.json', '--set', 'load[0].vus=9');
    expect(stderr).toContain('load[0].vus: 3 in the base, 9 in the candidate');
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'changed/journal.jsonl'))).toBe(false);
  });

  it('a client that goes away leaves the baseline as it was', async () => {
    await run('w', '--baseline', 'kept.json', '--update-baseline');
    const before = read('kept.json');
    put('client.mjs', `${ASKS}\nsetTimeout(() => process.exit(3), 5000);`);
    const { code, stderr } = await run('w', '--baseline', 'kept.json', '--update-baseline');
    put('client.mjs', ASKS);
    expect(stderr).toContain('kept.json stays as it was: the run did not go its whole way');
    expect(code).toBe(2);
    expect(read('kept.json')).toBe(before);
  });

  it.each<[string, string[], RegExp[]]>([
    [
      'flags that do not go together, all at once',
      ['--update-baseline', '--check-determinism', '--allow', 'calls=+1'],
      [/needs --baseline FILE: the file to write/, /--check-determinism runs twice/, /--allow: needs --baseline FILE/],
    ],
    ['a folder to write to', ['--update-baseline', '--baseline', 'base'], [/base is a folder: name the file to write/]],
    [
      'an allowance that cannot be read and a file that is not there',
      ['--baseline', 'nope.json', '--allow', 'goodput=+5%'],
      [/goodput gets worse by less: write -5%/, /there is no baseline nope\.json/],
    ],
    ['a file that is none', ['--baseline', 'scenario.yaml'], [/scenario\.yaml is no JSON/]],
  ])('%s: exit 2, nothing runs', async (_what, args, expected) => {
    const { code, stderr } = await run('wrong', ...args);
    for (const one of expected) expect(stderr).toMatch(one);
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'wrong/journal.jsonl'))).toBe(false);
  });
});
