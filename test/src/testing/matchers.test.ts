import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { matchers, type QuotaLabMatchers } from '../../../src/testing/matchers.ts';
import { virtualRun } from '../../../src/testing/vitest.ts';
import { header, repeated, requestLimit, runOf, strip } from '../analysis/strip.ts';

type Args = { [Name in keyof QuotaLabMatchers]: Parameters<QuotaLabMatchers[Name]> };

/** What a matcher says when it fails, or `passes`; the first line, and the rest in one. */
function said<Name extends keyof QuotaLabMatchers>(
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

/** Twenty calls that were told 2 s and then 1 s, and came back after half a second each time. */
const HASTY = runOf(repeated('a.1 0-20 429 ra=2000\na.2 520-540 429 ra=1000\na.3 1040-1200 200', 20, 1000), { head });
/** The same, waiting as told. */
const PATIENT = runOf(repeated('a.1 0-20 429 ra=2000\na.2 2020-2040 429 ra=1000\na.3 3040-3200 200', 20, 1000), {
  head,
});
/** Calls that are let in at once. */
const QUIET = runOf(repeated('a.1 0-200 200', 20, 1000), { head });
const FAILING = runOf(
  strip(
    'a.1 0-20 429 ra=1000\na.2 1020-1040 429 ra=1000\n=> a error\nb.1 0-200 200\nc.1 50-60 500\nd.1 0-5 open\n=> d open',
  ),
  { head },
);
const EMPTY = runOf([], { head });

describe('a matcher that fails shows what was seen, and what to change', () => {
  it.each<[string, Run, keyof QuotaLabMatchers, unknown[], RegExp]>([
    [
      'told to wait',
      HASTY,
      'toHonourRetryAfter',
      [],
      /^expected the client to wait as long as it is told \(Retry-After\): ✗ ignores-retry-after: fail, 100% of retries .*call 1, attempt 1 at 0µs: told to wait 2s, came back after 500ms .*→ Read Retry-After/,
    ],
    [
      'attempts',
      HASTY,
      'toStayWithinAttempts',
      [2],
      /^expected the client to stay within 2 attempts a call: 20 of 20 calls made more, up to 3\. call 1, attempt 3 at 1\.04s: 3 attempts in 1\.2s, and succeeded .*→ .*maxRetries 1 /,
    ],
    ['one attempt', HASTY, 'toStayWithinAttempts', [1], /within 1 attempt a call: .*maxRetries 0 /],
    [
      'amplification',
      HASTY,
      'toStayWithinAmplification',
      [2.5],
      /within 2\.5 attempts for each call: 20 calls made 60 attempts, 3 each\. call 1, attempt 3 .*→ Send less/,
    ],
    [
      'failed calls',
      FAILING,
      'toHaveNoFailedCalls',
      [],
      /to have no failed calls: 2 of 3 calls failed\. call 1, attempt 2 at 1\.02s: 2 attempts in 1\.04s, and failed .*→ /,
    ],
    [
      'open calls',
      FAILING,
      'toHaveNoUnfinishedCalls',
      [],
      /1 of 4 calls had not ended when the run did\. call 4, attempt 5 at 0µs: 1 attempt in 5ms, and had not ended .*→ Give a call a deadline/,
    ],
    [
      'no refusal',
      QUIET,
      'toHaveRefusals',
      [],
      /to be refused by a limit at least once: 20 attempts, none refused\. → Give the limits less/,
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
      ['unbounded-retries', 'ignores-retry-after'],
      /to pass the verdicts unbounded-retries, ignores-retry-after: \? unbounded-retries: inconclusive .*✗ ignores-retry-after: fail/,
    ],
    [
      'a bound',
      HASTY,
      'toMeetThreshold',
      ['call_duration', 'p(95)<1s'],
      /to keep call_duration p\(95\)<1s: call_duration ✗ 'p\(95\)<1s' 1\.2s \(20 samples\) call 1, attempt 3 at 1\.04s: 3 attempts in 1\.2s/,
    ],
    [
      'the bounds of the scenario',
      FAILING,
      'toMeetThresholds',
      [],
      /every threshold of the scenario: call_failed ✗ 'rate<0\.01' 66\.67% \(3 samples\) call 1, attempt 2/,
    ],
  ])('%s', (_name, run, name, args, words) => {
    expect(said(run, name, args as never)).toMatch(words);
    expect(said(run, name, args as never, true)).toBe('passes');
  });
});

describe('a matcher that passes says under .not what was seen', () => {
  it.each<[keyof QuotaLabMatchers, Run, unknown[], RegExp]>([
    [
      'toHonourRetryAfter',
      PATIENT,
      [],
      /^expected the client not to wait as long as it is told .*, but this is what it did: ✓ ignores-retry-after: All 40 retries waited as long as they were told, up to 2s, and not a moment longer \(see synchronised-herd\)\.$/,
    ],
    [
      'toStayWithinAttempts',
      PATIENT,
      [3],
      /not to stay within 3 attempts a call, but this is what it did: 20 calls made 3 at the most\.$/,
    ],
    ['toStayWithinAmplification', PATIENT, [3], /20 calls made 60 attempts, 3 each\.$/],
    ['toHaveNoFailedCalls', PATIENT, [], /^expected the client to have failed calls, but .*: 20 calls succeeded\.$/],
    ['toHaveNoUnfinishedCalls', PATIENT, [], /20 calls ended\.$/],
    [
      'toHaveRefusals',
      PATIENT,
      [],
      /40 of 60 attempts were refused\. call 1, attempt 1 at 0µs: refused by requests, told to wait 2s/,
    ],
    ['toPassVerdict', PATIENT, ['ignores-retry-after'], /✓ ignores-retry-after/],
    ['toPassVerdicts', PATIENT, ['ignores-retry-after'], /✓ ignores-retry-after/],
    ['toMeetThreshold', PATIENT, ['call_failed', 'rate<1%'], /✓ 'rate<1%' 0% \(20 samples\)$/],
    ['toMeetThresholds', PATIENT, [], /✓ 'rate<0\.01' 0%/],
  ])('%s', (name, run, args, words) => {
    expect(said(run, name, args as never)).toBe('passes');
    expect(said(run, name, args as never, true)).toMatch(words);
  });
});

describe('silence passes neither way, and is told what it lacks', () => {
  it.each<[keyof QuotaLabMatchers, Run, unknown[], RegExp]>([
    [
      'toHonourRetryAfter',
      QUIET,
      [],
      /– ignores-retry-after: not applicable\. Nothing was refused\. → Give the run what it judges: limits that refuse/,
    ],
    [
      'toHonourRetryAfter',
      runOf(repeated('a.1 0-20 429 ra=1000\na.2 1020-1200 200', 20, 1000)),
      [],
      /\? ignores-retry-after: inconclusive .*told nothing but 1s.*→ Use a limit or a retryAfter setting that asks for waits of several/,
    ],
    [
      'toStayWithinAttempts',
      QUIET,
      [3],
      /20 attempts, all let in\. Nobody has seen where trying ends\. → Let the provider refuse/,
    ],
    ['toStayWithinAmplification', QUIET, [2], /Nothing was refused and nothing failed\./],
    ['toHaveNoFailedCalls', EMPTY, [], /No call ended\./],
    ['toHaveNoUnfinishedCalls', EMPTY, [], /No call was made\./],
    ['toHaveRefusals', EMPTY, [], /No attempt was made\./],
    ['toPassVerdict', QUIET, ['synchronised-herd'], /– synchronised-herd: not applicable/],
    ['toPassVerdicts', EMPTY, [], /None of them had anything to judge\./],
    [
      'toPassVerdicts',
      PATIENT,
      ['ignores-retry-after', 'replays-partial-stream'],
      /tell: – replays-partial-stream: not applicable/,
    ],
    ['toMeetThreshold', EMPTY, ['call_duration', 'p(95)<1s'], /✗ 'p\(95\)<1s' no data \(0 samples\)/],
    ['toMeetThresholds', runOf(strip('a.1 0-200 200')), [], /It has none: thresholds: \{ call_failed/],
  ])('%s', (name, run, args, words) => {
    for (const isNot of [false, true]) {
      const message = said(run, name, args as never, isNot);
      expect(message).toMatch(
        isNot
          ? /^expected the client (not )?to .*, but too little was seen to tell: /
          : /^expected the client to .*, but too little was seen to tell: /,
      );
      expect(message).toMatch(words);
    }
  });
});

describe('several seeds', () => {
  it('each must hold; those that do not are named', () => {
    const runs = [seeded(PATIENT, 1), seeded(FAILING, 2)];
    expect(said(runs, 'toHaveNoFailedCalls', [])).toMatch(/no failed calls: seed 2 2 of 3 calls failed/);
    expect(said([seeded(PATIENT, 1), seeded(QUIET, 2)], 'toStayWithinAttempts', [3])).toMatch(
      /too little .*: seed 2 20 attempts, all let in/,
    );
  });

  it('what rests on chance warns alone and fails where two agree', () => {
    const herd = Array.from({ length: 12 }, (_, call) => `c${call}.1 0-20 429 ra=1000\nc${call}.2 1020-1040 200`).join(
      '\n',
    );
    const run = runOf(repeated(herd, 6, 20_000), { head: header([requestLimit(1, 1)]) });
    expect(said(run, 'toPassVerdict', ['synchronised-herd'])).toMatch(
      /! synchronised-herd: warn.*a second seed agrees \(virtualRuns with seeds: 2\)/,
    );
    expect(said([seeded(run, 1), seeded(run, 2)], 'toPassVerdict', ['synchronised-herd'])).toMatch(
      /✗ synchronised-herd: fail/,
    );
  });
});

describe('what is asked wrongly', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a promise', () => expect(Promise.resolve(1)).toHaveRefusals(), /judges a run, not a promise \(await virtualRun/],
    ['something else', () => expect(7).toHaveRefusals(), /judges a run, not 7 \(expect\(await virtualRun/],
    ['no runs', () => expect([]).toHaveRefusals(), /not an empty list/],
    [
      'a verdict that is none',
      () => expect(QUIET).toPassVerdict('no-jiter'),
      /there is no verdict no-jiter.*did you mean "no-jitter"/,
    ],
    [
      'a setting that is none',
      () => expect(QUIET).toPassVerdict('no-jitter', { fial: 1 }),
      /verdicts\.no-jitter\.fial/,
    ],
    [
      'a metric that is none',
      () => expect(QUIET).toMeetThreshold('call_faild', 'rate<1'),
      /did you mean "call_failed"/,
    ],
    [
      'a bound that is none',
      () => expect(QUIET).toMeetThreshold('call_failed', 'rate under 1'),
      /cannot read "rate under 1"/,
    ],
  ])('%s', (_name, ask, words) => {
    expect(ask).toThrow(words);
  });
});

it('in a test: the newcomer is told what to change, and mended, passes', async () => {
  const provider = { limits: [{ algorithm: 'fixed-window' as const, amount: 10, window: '30s' }] };
  const load = { executor: 'constant-arrival-rate', rate: '1/s', duration: '18s' } as const;
  const newcomer = await virtualRun({ client: './clients/newcomer.ts', provider, load });
  const polite = await virtualRun({ client: './clients/polite.ts', provider, load });
  expect(newcomer).not.toHonourRetryAfter();
  expect(() => expect(newcomer).toHonourRetryAfter()).toThrow(/told to wait 20s, came back after 1s/);
  expect(() => expect(newcomer).toHaveNoFailedCalls()).toThrow(
    /8 of 18 calls failed[\s\S]*429[\s\S]*→ Wait as long as Retry-After says/,
  );
  expect(polite).toHaveRefusals();
  expect(polite).toHonourRetryAfter();
  expect(polite).toHaveNoFailedCalls();
  expect(polite).toStayWithinAttempts(4);
});
