import { describe, expect, it } from 'vitest';
import { virtualRun as virtualRunAnywhere } from '../../../src/testing/index.ts';
import { type VirtualRunInput, virtualRun, virtualRuns } from '../../../src/testing/vitest.ts';

const client = new URL('./clients/newcomer.ts', import.meta.url);
const limits = { refill: '60/min', capacity: 3 };
const load = { executor: 'per-vu-iterations', vus: 5, iterations: 1 } as const;

/** What virtualRun says of an input that the types would not let through. */
const refused = (input: unknown): Promise<{ code: string; message: string }> =>
  virtualRun(input as VirtualRunInput).then(
    () => ({ code: 'none', message: 'it ran' }),
    (error) => ({ code: error.code, message: error.message }),
  );

describe('virtualRun', () => {
  it('runs the client in a thread: three are let in, two wait a second, then one more', async () => {
    const run = await virtualRun({ client, limits, load, provider: { latency: { firstToken: '300ms', perToken: 0 } } });
    const ends = run.calls.map(({ endUs }) => endUs / 1000).sort((a, b) => a - b);
    expect(ends).toEqual([300, 300, 300, 1301, 2302]);
    expect(run.attempts.map(({ status }) => status)).toEqual([429, 429, 200, 200, 200, 429, 200, 200]);
    expect(run.analysis.metrics.find(({ name }) => name === 'calls')).toMatchObject({ count: 5 });
    expect(run.summary()).toContain('VERDICTS');
    expect(run.records[0]).toMatchObject({ type: 'header', time: 'virtual' });
  });

  it('the same again is the same, in whatever order and side by side; another seed is not', async () => {
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

  it('nothing of a run is left for the next: each has its own environment and its own module', async () => {
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
  ])('a client as %s', async (_name, written) => {
    expect((await virtualRun({ client: written, limits, load })).calls).toHaveLength(5);
  });

  it('for other runners paths are from the working directory', async () => {
    const run = await virtualRunAnywhere({ client: 'test/src/testing/clients/newcomer.ts', limits, load });
    expect(run.calls).toHaveLength(5);
  });

  it('a scenario file, with changes', async () => {
    const scenario = new URL('./scenario.yaml', import.meta.url);
    const run = await virtualRun({ scenario, set: { 'load[0].vus': 7 }, seed: 3 });
    expect([run.calls.length, run.seed, run.run.header.scenario.name]).toEqual([7, 3, 'from-a-file']);
    await expect(virtualRun({ scenario, set: { time: 'wall' } })).rejects.toThrow(/time: is wall, and must be virtual/);
    await expect(virtualRun({ scenario, set: { 'load[0].vus': 'x' } })).rejects.toThrow(
      /scenario\.yaml:4 {2}load\[0\]\.vus/,
    );
  });

  it('several seeds, one run each', async () => {
    const runs = await virtualRuns({ client, limits, load, seed: 4, seeds: 3 });
    expect(runs.map(({ seed }) => seed)).toEqual([4, 5, 6]);
    await expect(virtualRuns({ client, limits, load, seeds: 0 })).rejects.toThrow(
      /seeds: must be a whole number above 0/,
    );
  });
});

describe('what is wrong is told whole, by the names that the test uses', () => {
  it('a function cannot go to another thread: where to put it', async () => {
    const { code, message } = await refused({ client: async () => undefined, limits, load });
    expect(code).toBe('scenario/invalid');
    expect(message).toContain('client: cannot be a function of the test: virtual time replaces every clock');
    expect(message).toContain("client: new URL('./client.ts', import.meta.url)");
  });

  it('every problem at once', async () => {
    const { message } = await refused({
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
      'virtualRun was given 8 problems (scenario/invalid)',
      expect.stringMatching(/^ {2}client: must be the path or URL of a file, not number \(client: new URL/),
      '  seeds: unknown key (virtualRuns({ …, seeds: 3 }) runs several)',
      '  time: unknown key (time is always virtual in a test; startAt says when it begins)',
      '  limts: unknown key (did you mean "limits"?)',
      expect.stringMatching(/^ {2}startAt\.virtual: must be a moment such as 2026|^ {2}startAt/),
      '  limits[0].capacty: unknown key (did you mean "capacity"?)',
      expect.stringMatching(/^ {2}limits\[1\]\.refill: must be a rate/),
      '  load.vus: must be a number, not "a"',
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['nothing', {}, /client: is required: the path or URL of a file/],
    [
      'a limit said twice',
      { client, limits, load, provider: { limits: [limits] } },
      /limits: stands beside provider\.limits/,
    ],
    ['another place', { client: 'https://example.com/client.js', load }, /client: must be a file, not https:/],
    ['a file that is not there', { client: './nope.ts', load }, /client: there is no file .*src\/testing\/nope\.ts/],
    ['a metric that is none', { client, load, thresholds: { call_faild: 'rate<1' } }, /did you mean "call_failed"/],
    ['a verdict that is none', { client, load, verdicts: { 'no-jiter': 'error' } }, /did you mean "no-jitter"/],
  ])('%s', async (_name, input, words) => {
    expect(await refused(input)).toEqual({ code: 'scenario/invalid', message: expect.stringMatching(words) });
  });

  it('a client that breaks, and what it printed until then', async () => {
    const { code, message } = await refused({ client: './clients/broken.ts', limits, load });
    expect(code).toBe('client/import-failed');
    expect(message).toMatch(/client: .*no configuration/);
    expect(message).toMatch(/It printed:\nabout to break$/);
  });

  it('a client none of whose calls ends', async () => {
    const { code, message } = await refused({ client: './clients/endless.ts', load });
    expect([code, message]).toEqual([
      'client/never-resolves',
      "none of 5 calls ended: the client's promise never resolves (client/never-resolves)",
    ]);
  });
});
