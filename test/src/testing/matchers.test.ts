import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { matchers, type QuotaLabMatchers } from '../../../src/testing/matchers.ts';
import { virtualRun } from '../../../src/testing/vitest.ts';
import { header, repeated, requestLimit, runOf, strip } from '../analysis/strip.ts';

type Args = { [Name in keyof QuotaLabMatchers]: Parameters<QuotaLabMatchers[Name]> };

/** Returns the message of a failing matcher with collapsed whitespace, or `passes`. */
function messageOf<Name extends keyof QuotaLabMatchers>(
  received: unknown,
  name: Name,
  args: Args[Name],
  isNot = false,
): string {
  const matcher = matchers[name] as (
    this: object,
    received: unknown,
    ...args: unknown[]
  ) => ReturnType<(typeof matchers)['toHaveRefusals']>;
  const { pass, message } = matcher.call({ isNot }, received, ...args);
  return pass === isNot ? message().replace(/\s+/g, ' ') : 'passes';
}

const head = header([requestLimit(5, 5)], {
  thresholds: [{ metric: 'call_failed', expression: 'rate<0.01', abortOnFail: false, delayAbortEvalUs: 0 }],
});
const seeded = (run: Run, seed: number): Run => ({ ...run, header: { ...run.header, seed } });

/** Twenty calls with requested waits of 2 s and 1 s that retry after half a second. */
const HASTY = runOf(repeated('a.1 0-20 429 ra=2000\na.2 520-540 429 ra=1000\na.3 1040-1200 200', 20, 1000), { head });
/** The same with waits as requested. */
const PATIENT = runOf(repeated('a.1 0-20 429 ra=2000\na.2 2020-2040 429 ra=1000\na.3 3040-3200 200', 20, 1000), {
  head,
});
/** Calls that are admitted at once. */
const QUIET = runOf(repeated('a.1 0-200 200', 20, 1000), { head });
const FAILING = runOf(
  strip(
    'a.1 0-20 429 ra=1000\na.2 1020-1040 429 ra=1000\n=> a error\nb.1 0-200 200\nc.1 50-60 500\nd.1 0-5 open\n=> d open',
  ),
  { head },
);
const EMPTY = runOf([], { head });

describe('a failing matcher shows the evidence and the advice', () => {
  it.each<[string, Run, keyof QuotaLabMatchers, unknown[], RegExp]>([
    [
      'Retry-After',
      HASTY,
      'toHonourRetryAfter',
      [],
      /^expected the client to honour Retry-After: ✗ ignores-retry-after: fail, 100% of retries .*call 1, try 1 at 0s: requested wait 2s, retried after 500ms .*→ Read Retry-After/,
    ],
    [
      'attempts',
      HASTY,
      'toStayWithinAttempts',
      [2],
      /^expected the client to stay within 2 attempts per call: 20 of 20 calls made more, up to 3\. call 1, try 3 at 1\.04s: 3 attempts in 1\.2s, succeeded .*→ .*maxRetries 1 /,
    ],
    ['one attempt', HASTY, 'toStayWithinAttempts', [1], /within 1 attempt per call: .*maxRetries 0 /],
    [
      'amplification',
      HASTY,
      'toStayWithinAmplification',
      [2.5],
      /within an average of 2\.5 attempts per call: 20 calls made 60 attempts, 3 each\. call 1, try 3 .*→ Send fewer/,
    ],
    [
      'failed calls',
      FAILING,
      'toHaveNoFailedCalls',
      [],
      /to have no failed calls: 2 of 3 calls failed\. call 1, try 2 at 1\.02s: 2 attempts in 1\.04s, failed .*→ /,
    ],
    [
      'open calls',
      FAILING,
      'toHaveNoUnfinishedCalls',
      [],
      /1 of 4 calls were unfinished at the end of the run\. call 4, try 1 at 0s: 1 attempt in 5ms, unfinished .*→ Give each call a deadline/,
    ],
    [
      'no refusal',
      QUIET,
      'toHaveRefusals',
      [],
      /to be refused by a limit at least once: 20 attempts, none refused\. → Lower the refill of the limits/,
    ],
    ['one verdict', HASTY, 'toPassVerdict', ['ignores-retry-after'], /to pass the verdict ignores-retry-after: ✗/],
    [
      'stricter than the scenario',
      PATIENT,
      'toPassVerdict',
      ['amplifies-load', { warn: 1, fail: 2 }],
      /✗ amplifies-load: fail, 3 attempts per call/,
    ],
    [
      'verdicts that count',
      HASTY,
      'toPassVerdicts',
      [],
      /to pass every verdict of severity error: ✗ ignores-retry-after: fail/,
    ],
    [
      'verdicts by name',
      HASTY,
      'toPassVerdicts',
      ['synchronised-herd', 'ignores-retry-after'],
      /to pass the verdicts synchronised-herd, ignores-retry-after: \? synchronised-herd: inconclusive .*✗ ignores-retry-after: fail/,
    ],
    [
      'a bound',
      HASTY,
      'toMeetThreshold',
      ['call_duration', 'p(95)<1s'],
      /to meet call_duration p\(95\)<1s: call_duration ✗ 'p\(95\)<1s' 1\.2s \(20 samples\) call 1, try 3 at 1\.04s: 3 attempts in 1\.2s/,
    ],
    [
      'the bounds of the scenario',
      FAILING,
      'toMeetThresholds',
      [],
      /every threshold of the scenario: call_failed ✗ 'rate<0\.01' 66\.7% \(3 samples\) call 1, try 2/,
    ],
  ])('%s', (_name, run, name, args, words) => {
    expect(messageOf(run, name, args as never)).toMatch(words);
    expect(messageOf(run, name, args as never, true)).toBe('passes');
  });
});

describe('a passing matcher shows the evidence under .not', () => {
  it.each<[keyof QuotaLabMatchers, Run, unknown[], RegExp]>([
    [
      'toHonourRetryAfter',
      PATIENT,
      [],
      /^expected the client not to honour Retry-After, but got: ✓ ignores-retry-after: All 40 retries waited for Retry-After, .*2 different waits up to 2s/,
    ],
    [
      'toStayWithinAttempts',
      PATIENT,
      [3],
      /not to stay within 3 attempts per call, but got: 20 calls made at most 3\.$/,
    ],
    ['toStayWithinAmplification', PATIENT, [3], /20 calls made 60 attempts, 3 each\.$/],
    ['toHaveNoFailedCalls', PATIENT, [], /^expected the client to have failed calls, but .*: 20 calls succeeded\.$/],
    ['toHaveNoUnfinishedCalls', PATIENT, [], /20 calls ended\.$/],
    [
      'toHaveRefusals',
      PATIENT,
      [],
      /40 of 60 attempts were refused\. call 1, try 1 at 0s: refused by requests, requested wait 2s/,
    ],
    [
      'toHonourRetryAfter',
      runOf(repeated('a.1 0-20 429 ra=1000\na.2 1020-1200 200', 20, 1000)),
      [],
      /All 20 retries waited for Retry-After.*all of 1s: a fixed pause of 1s would look the same/,
    ],
    ['toPassVerdict', PATIENT, ['ignores-retry-after'], /✓ ignores-retry-after/],
    ['toPassVerdicts', PATIENT, ['ignores-retry-after'], /✓ ignores-retry-after/],
    ['toMeetThreshold', PATIENT, ['call_failed', 'rate<1%'], /✓ 'rate<1%' 0% \(20 samples\)$/],
    ['toMeetThresholds', PATIENT, [], /✓ 'rate<0\.01' 0%/],
  ])('%s', (name, run, args, words) => {
    expect(messageOf(run, name, args as never)).toBe('passes');
    expect(messageOf(run, name, args as never, true)).toMatch(words);
  });
});

describe('an inconclusive matcher fails with and without .not, and says what is missing', () => {
  it.each<[keyof QuotaLabMatchers, Run, unknown[], RegExp]>([
    [
      'toHonourRetryAfter',
      QUIET,
      [],
      /– ignores-retry-after: not applicable\. No request was refused\. → Make the run produce what the verdict judges: refusals/,
    ],
    [
      'toStayWithinAttempts',
      QUIET,
      [3],
      /20 attempts, all admitted\. The run does not show when retrying stops\. → Make the provider refuse/,
    ],
    ['toStayWithinAmplification', QUIET, [2], /No attempt was refused or failed\./],
    ['toHaveNoFailedCalls', EMPTY, [], /No call ended\./],
    ['toHaveNoUnfinishedCalls', EMPTY, [], /No call was made\./],
    ['toHaveRefusals', EMPTY, [], /No attempt was made\./],
    ['toPassVerdict', QUIET, ['synchronised-herd'], /– synchronised-herd: not applicable/],
    ['toPassVerdicts', EMPTY, [], /No verdict had anything to judge\./],
    [
      'toPassVerdicts',
      PATIENT,
      ['ignores-retry-after', 'replays-partial-stream'],
      /evidence: – replays-partial-stream: not applicable/,
    ],
    ['toMeetThreshold', EMPTY, ['call_duration', 'p(95)<1s'], /✗ 'p\(95\)<1s' no data \(0 samples\)/],
    [
      'toMeetThresholds',
      runOf(strip('a.1 0-200 200')),
      [],
      /The scenario sets no thresholds, e\.g\. thresholds: \{ call_failed/,
    ],
  ])('%s', (name, run, args, words) => {
    for (const isNot of [false, true]) {
      const message = messageOf(run, name, args as never, isNot);
      expect(message).toMatch(
        isNot
          ? /^expected the client (not )?to .*, but the run has too little evidence: /
          : /^expected the client to .*, but the run has too little evidence: /,
      );
      expect(message).toMatch(words);
    }
  });
});

describe('several seeds', () => {
  it('each must pass; failing seeds are named', () => {
    const runs = [seeded(PATIENT, 1), seeded(FAILING, 2)];
    expect(messageOf(runs, 'toHaveNoFailedCalls', [])).toMatch(/no failed calls: seed 2 2 of 3 calls failed/);
    expect(messageOf([seeded(PATIENT, 1), seeded(QUIET, 2)], 'toStayWithinAttempts', [3])).toMatch(
      /too little .*: seed 2 20 attempts, all admitted/,
    );
  });

  it('a verdict on random draws warns for one seed and fails if two agree', () => {
    const herd = Array.from({ length: 12 }, (_, call) => `c${call}.1 0-20 429 ra=1000\nc${call}.2 1020-1040 200`).join(
      '\n',
    );
    const run = runOf(repeated(herd, 6, 20_000), { head: header([requestLimit(1, 1)]) });
    expect(messageOf(run, 'toPassVerdict', ['synchronised-herd'])).toMatch(
      /! synchronised-herd: warn.*a second seed agrees \(virtualRuns with seeds: 2\)/,
    );
    expect(messageOf([seeded(run, 1), seeded(run, 2)], 'toPassVerdict', ['synchronised-herd'])).toMatch(
      /✗ synchronised-herd: fail/,
    );
  });
});

describe('invalid arguments', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a promise', () => expect(Promise.resolve(1)).toHaveRefusals(), /judges a run, not a promise \(await virtualRun/],
    ['something else', () => expect(7).toHaveRefusals(), /judges a run, not 7 \(expect\(await virtualRun/],
    ['no runs', () => expect([]).toHaveRefusals(), /not an empty list/],
    [
      'an unknown verdict',
      () => expect(QUIET).toPassVerdict('no-jiter'),
      /unknown verdict no-jiter.*did you mean "no-jitter"/,
    ],
    ['an unknown setting', () => expect(QUIET).toPassVerdict('no-jitter', { fial: 1 }), /verdicts\.no-jitter\.fial/],
    ['an unknown metric', () => expect(QUIET).toMeetThreshold('call_faild', 'rate<1'), /did you mean "call_failed"/],
    [
      'an invalid threshold',
      () => expect(QUIET).toMeetThreshold('call_failed', 'rate under 1'),
      /cannot read "rate under 1"/,
    ],
  ])('%s', (_name, match, words) => {
    expect(match).toThrow(words);
  });
});

it('in a test: the newcomer fails with advice, the polite client passes', async () => {
  const provider = { limits: [{ algorithm: 'fixed-window' as const, amount: 10, window: '30s' }] };
  const load = { executor: 'constant-arrival-rate', rate: '1/s', duration: '18s' } as const;
  const newcomer = await virtualRun({ client: './clients/newcomer.ts', provider, load });
  const polite = await virtualRun({ client: './clients/polite.ts', provider, load });
  expect(newcomer).not.toHonourRetryAfter();
  expect(() => expect(newcomer).toHonourRetryAfter()).toThrow(/requested wait 20s, retried after 1s/);
  expect(() => expect(newcomer).toHaveNoFailedCalls()).toThrow(
    /8 of 18 calls failed[\s\S]*429[\s\S]*→ Wait for Retry-After/,
  );
  expect(polite).toHaveRefusals();
  expect(polite).toHonourRetryAfter();
  expect(polite).toHaveNoFailedCalls();
  expect(polite).toStayWithinAttempts(4);
});

describe('toBeResilient', () => {
  const table = {
    client: './client.ts',
    dialect: 'openai',
    seed: 1,
    time: 'virtual',
    passed: false,
    rows: [
      {
        id: 'unauthorized',
        situation: 'answered 401: the key is wrong',
        did: '0 of 5 answered, up to 4 tries, waits of 1s',
        verdict: 'fail',
        decidedBy: 'retries-non-retryable',
        reason: '15 futile retries.',
        act: 'Check the error before retrying.',
        evidence: [],
      },
    ],
  } as const;

  it('shows the rows that failed, with what the client did and what to change', () => {
    expect(messageOf(table, 'toBeResilient', [])).toBe(
      'expected the client to be resilient: ✗ unauthorized: answered 401: the key is wrong ' +
        '0 of 5 answered, up to 4 tries, waits of 1s retries-non-retryable: 15 futile retries. ' +
        '→ Check the error before retrying.',
    );
  });

  it('passes a table without a failed row, and is only for tables', () => {
    expect(messageOf({ ...table, passed: true, rows: [] }, 'toBeResilient', [])).toBe('passes');
    expect(() => messageOf(Promise.resolve(table), 'toBeResilient', [])).toThrow('not a promise');
    expect(() => messageOf(QUIET, 'toBeResilient', [])).toThrow('a table of check');
  });
});
