import { describe, expect, it } from 'vitest';
import { judgeRun } from '../../../src/analysis/judging/judge-run.ts';
import { virtualRun as virtualRunAnywhere } from '../../../src/testing/index.ts';
import { type VirtualRunInput, virtualRun, virtualRuns } from '../../../src/testing/vitest.ts';

const client = new URL('./clients/newcomer.ts', import.meta.url);
const limits = { refill: '60/min', capacity: 3 };
const load = { executor: 'per-vu-iterations', vus: 5, iterations: 1 } as const;

/** Returns the error of an input that the types do not allow. */
const errorOf = (input: unknown): Promise<{ code: string; message: string }> =>
  virtualRun(input as VirtualRunInput).then(
    () => ({ code: 'none', message: 'it ran' }),
    (error) => ({ code: error.code, message: error.message }),
  );

describe('virtualRun', () => {
  it('runs the client in a thread: three calls are admitted, the others after one and two seconds', async () => {
    const run = await virtualRun({ client, limits, load, provider: { latency: { firstToken: '300ms', perToken: 0 } } });
    const ends = run.calls.map(({ endUs }) => endUs / 1000).sort((a, b) => a - b);
    expect(ends).toEqual([300, 300, 300, 1301, 2302]);
    expect(run.attempts.map(({ status }) => status)).toEqual([429, 429, 200, 200, 200, 429, 200, 200]);
    expect(run.analysis.metrics.find(({ name }) => name === 'calls')).toMatchObject({ count: 5 });
    expect(run.summary()).toContain('VERDICTS');
    expect(run.records[0]).toMatchObject({ type: 'header', time: 'virtual' });
  });

  it('gives equal runs for equal inputs, in any order and in parallel, and different runs for another seed', async () => {
    const wait = { between: ['10ms', '500ms'] as [string, string] };
    const input = { client, limits, load: { ...load, iterations: 3, wait } } satisfies VirtualRunInput;
    const [first, other, again] = await Promise.all([
      virtualRun(input),
      virtualRun({ ...input, seed: 2 }),
      virtualRun(input),
    ]);
    const later = await virtualRun(input);
    expect(first.attempts.length).toBeGreaterThan(15);
    expect([again.records, later.records]).toEqual([first.records, first.records]);
    expect(other.attempts).not.toEqual(first.attempts);
  });

  it('isolates runs: each has its own environment and module instance', async () => {
    const input = { client, limits, load } satisfies VirtualRunInput;
    const twice = await virtualRun({ ...input, env: { MAX_ATTEMPTS: 2 } });
    const free = await virtualRun(input);
    expect(Math.max(...twice.calls.map(({ attempts }) => attempts.length))).toBe(2);
    expect(Math.max(...free.calls.map(({ attempts }) => attempts.length))).toBe(3);
  });

  it.each([
    ['a path from the test file', './clients/newcomer.ts'],
    ['a URL as text', client.href],
    ['an absolute path', client.pathname],
  ])('accepts a client as %s', async (_name, written) => {
    expect((await virtualRun({ client: written, limits, load })).calls).toHaveLength(5);
  });

  it('other runners resolve paths from the working directory', async () => {
    const run = await virtualRunAnywhere({ client: 'test/src/testing/clients/newcomer.ts', limits, load });
    expect(run.calls).toHaveLength(5);
  });

  it('accepts a scenario file with overrides', async () => {
    const scenario = new URL('./scenario.yaml', import.meta.url);
    const run = await virtualRun({ scenario, set: { 'load[0].vus': 7 }, seed: 3 });
    expect([run.calls.length, run.seed, run.run.header.scenario.name]).toEqual([7, 3, 'from-a-file']);
    await expect(virtualRun({ scenario, set: { time: 'wall' } })).rejects.toThrow(/time: is wall, and must be virtual/);
    await expect(virtualRun({ scenario, set: { 'load[0].vus': 'x' } })).rejects.toThrow(
      /set load\[0\]\.vus=x: must be a number, not "x"/,
    );
  });

  it('virtualRuns runs each seed once', async () => {
    const runs = await virtualRuns({ client, limits, load, seed: 4, seeds: 3 });
    expect(runs.map(({ seed }) => seed)).toEqual([4, 5, 6]);
    await expect(virtualRuns({ client, limits, load, seeds: 0 })).rejects.toThrow(
      /seeds: must be a whole number above 0/,
    );
  });
});

describe('invalid input: all problems, with the paths of the input', () => {
  it('rejects a function, with a hint', async () => {
    const { code, message } = await errorOf({ client: async () => undefined, limits, load });
    expect(code).toBe('scenario/invalid');
    expect(message).toContain('client: cannot be a function: the client runs in its own thread');
    expect(message).toContain("client: new URL('./client.ts', import.meta.url)");
  });

  it('lists every problem', async () => {
    const { message } = await errorOf({
      client: 7,
      limits: [{ refill: '60/min', capacty: 3 }, { refill: 'soon' }],
      load: { executor: 'constant-vus', vus: 'a', duration: '1s' },
      verdicts: {},
      seeds: 3,
      time: 'wall',
      startAt: 'noon',
      limts: [],
    });
    expect(message.split('\n').map((line) => line.replace(/; allowed here: [^(]*/, ' '))).toEqual([
      'the input of virtualRun has 8 problems (scenario/invalid)',
      expect.stringMatching(/^ {2}client: must be the path or URL of a file, not number \(client: new URL/),
      '  seeds: unknown key (use virtualRuns({ …, seeds: 3 }))',
      '  time: unknown key (time is always virtual in a test; startAt sets its start)',
      '  limts: unknown key (did you mean "limits"?)',
      expect.stringMatching(/^ {2}startAt\.virtual: must be a time such as 2026|^ {2}startAt/),
      '  limits[0].capacty: unknown key (did you mean "capacity"?)',
      expect.stringMatching(/^ {2}limits\[1\]\.refill: must be a rate/),
      '  load.vus: must be a number, not "a"',
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['nothing', {}, /client: is required: the path or URL of a file/],
    [
      'limits and provider.limits',
      { client, limits, load, provider: { limits: [limits] } },
      /limits: is set together with provider\.limits/,
    ],
    ['a remote URL', { client: 'https://example.com/client.js', load }, /client: must be a file, not https:/],
    ['a missing file', { client: './nope.ts', load }, /client: there is no file .*src\/testing\/nope\.ts/],
    ['an unknown metric', { client, load, thresholds: { call_faild: 'rate<1' } }, /did you mean "call_failed"/],
    ['an unknown verdict', { client, load, verdicts: { 'no-jiter': 'error' } }, /did you mean "no-jitter"/],
  ])('%s', async (_name, input, words) => {
    expect(await errorOf(input)).toEqual({ code: 'scenario/invalid', message: expect.stringMatching(words) });
  });

  it('a client that fails to import, with its output', async () => {
    const { code, message } = await errorOf({ client: './clients/broken.ts', limits, load });
    expect(code).toBe('client/import-failed');
    expect(message).toMatch(/client: .*no configuration/);
    expect(message).toMatch(/Client output:\nabout to break$/);
  });

  it('a client whose calls never end is judged', async () => {
    const { run, calls } = await virtualRun({ client: './clients/endless.ts', load });
    expect(calls.map(({ result }) => result)).toEqual(Array(5).fill('open'));
    expect(judgeRun(run, {}).find(({ id }) => id === 'gives-up-early')).toMatchObject({
      status: 'fail',
      reason: expect.stringMatching(/^5 of 5 calls were lost .* 5 were held in the client without an attempt/),
    });
  });
});
