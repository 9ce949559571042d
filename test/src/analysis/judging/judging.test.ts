import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import { above, defineJudge } from '../../../../src/analysis/judging/define-judge.ts';
import {
  JUDGES,
  judgeRun,
  severityOf,
  type VerdictId,
  verdictProblems,
} from '../../../../src/analysis/judging/judge-run.ts';
import { judgeSeeds } from '../../../../src/analysis/judging/judge-seeds.ts';
import type { Evidence, Verdict, VerdictStatus } from '../../../../src/analysis/judging/verdict.ts';
import { number } from '../../../../src/analysis/judging/verdict-setting.ts';
import { hasPassed, isFailure } from '../../../../src/analysis/pass-rule.ts';
import { describeGuesses } from '../../../../src/analysis/run/joined-by.ts';
import type { Severity } from '../../../../src/scenario/scenario.ts';
import { header, runOf, strip } from '../strip.ts';

describe('problems of verdict settings', () => {
  it.each([
    ['severities', { hedges: 'off', 'no-jitter': 'error' }],
    ['settings', { hedges: { severity: 'warn', warn: '10%' }, 'no-deadline': { timeout: '30s' } }],
    ['an object with only a severity', { 'backoff-shape': { severity: 'off' } }],
  ] as const)('accepts %s', (_name, written) => {
    expect(verdictProblems(written)).toEqual([]);
  });

  it('an unknown verdict: the one that was meant, or all there are, the nearest first', () => {
    const [meant, other] = verdictProblems({ hedgs: 'warn', 'something-else': 'warn' });
    expect(meant).toEqual({
      path: 'verdicts.hedgs',
      message: 'unknown verdict hedgs',
      hint: 'did you mean "hedges"?',
    });
    expect(other?.message).toMatch(/^unknown verdict something-else; valid verdicts are hedges, no-deadline, /);
    expect(other?.message.split(', ')).toHaveLength(JUDGES.length);
  });

  it('unknown settings, invalid values, and a verdict without settings', () => {
    const written = {
      'ignores-retry-after': { failCont: 3, failCount: 'some', failShare: '20%' },
      'backoff-shape': { growth: 2 },
    } as const;
    expect(verdictProblems(written)).toEqual([
      {
        path: 'verdicts.ignores-retry-after.failCont',
        message: 'ignores-retry-after has no setting failCont',
        hint: 'did you mean "failCount"?',
      },
      {
        path: 'verdicts.ignores-retry-after.failCount',
        message: 'must be a number: fail from this many early retries; in virtual time one is proof',
      },
      { path: 'verdicts.backoff-shape.growth', message: 'backoff-shape has no settings' },
    ]);
  });
});

describe('severity of a verdict', () => {
  const [first] = JUDGES;
  it.each([
    ['default', {}, 'error'],
    ['as a string', { 'ignores-retry-after': 'off' }, 'off'],
    ['beside settings', { 'ignores-retry-after': { severity: 'warn', failCount: 3 } }, 'warn'],
    ['default beside settings', { 'ignores-retry-after': { failCount: 3 } }, 'error'],
  ] as const)('%s', (_name, written, severity) => {
    expect(severityOf(first!, written)).toBe(severity);
  });

  it('skips verdicts that are off and passes settings to their verdict', () => {
    const run = runOf(strip('a.1 0-10 429 ra=2000\na.2 100-110 429 ra=2000\na.3 200-210 200'));
    const all = judgeRun(run, { hedges: 'off' }).map(({ id }) => id);
    expect(all).toHaveLength(JUDGES.length - 1);
    expect(all).not.toContain('hedges');
    const of = (written: Parameters<typeof judgeRun>[1]) =>
      judgeRun(run, written).find(({ id }) => id === 'ignores-retry-after');
    expect(of({})).toMatchObject({
      status: 'fail',
      severity: 'error',
      threshold: 'warn > 0, fail ≥ 2 and ≥ 10 %; in virtual time ≥ 1',
    });
    expect(of({ 'ignores-retry-after': { severity: 'warn', failCount: 3 } })).toMatchObject({
      status: 'warn',
      severity: 'warn',
      threshold: 'warn > 0, fail ≥ 3 and ≥ 10 %; in virtual time ≥ 1',
    });
    // Certain verdicts fail at once, without a second seed.
    expect(of({})).not.toHaveProperty('wouldFail');
  });
});

describe('behaviour of all judges', () => {
  const evidence: Evidence[] = Array.from({ length: 12 }, (_, n) => ({ call: n, attempt: n, atUs: n, what: `${n}` }));
  const judge = (status: VerdictStatus, about: 'calls' | 'attempts' = 'calls', rest = {}) =>
    defineJudge({
      id: 'x',
      question: 'Does it?',
      severity: 'warn',
      decidedBy: 'instance',
      arrange: 'Set a limit.',
      about,
      needs: {},
      unit: 'of 1',
      settings: { fail: number(3, 'bound') },
      threshold: ({ fail }) => `fail > ${fail}`,
      decide: (_run, { fail }) => ({
        status,
        n: 1,
        needed: fail,
        reason: 'Seen.',
        advice: 'Change it.',
        evidence,
        ...rest,
      }),
    });
  const run = runOf(strip('a.1 0-10 200'));

  it.each([
    ['pass', 0, ''],
    ['not-applicable', 0, ''],
    ['inconclusive', 10, 'Change it.'],
    ['warn', 10, 'Change it.'],
    ['fail', 10, 'Change it.'],
  ] as const)('%s: evidence %i, advice %j', (status, count, advice) => {
    expect(judge(status).judge(run)).toEqual({
      status,
      figure: null,
      unit: 'of 1',
      threshold: 'fail > 3',
      n: 1,
      needed: 3,
      reason: 'Seen.',
      evidence: evidence.slice(0, count),
      advice,
    });
  });

  it('settings change the bounds and the threshold text; figure and interval are passed on', () => {
    const interval = { low: 1, high: 2, confidence: 0.9 };
    expect(judge('pass', 'calls', { figure: 1.5, interval }).judge(run, { fail: 5 })).toMatchObject({
      figure: 1.5,
      interval,
      needed: 5,
      threshold: 'fail > 5',
    });
    expect(judge('pass').judge(run)).not.toHaveProperty('interval');
    expect(judge('fail').decidedBy).toBe('instance');
  });

  it('a judge without evidence and advice', () => {
    const silent = judge('fail', 'calls', { evidence: undefined, advice: undefined }).judge(run);
    expect(silent).toMatchObject({ status: 'fail', evidence: [], advice: '' });
  });

  it('calls are not judged if more than 5 % of attempts belong to no call; attempts are', () => {
    const lines = Array.from({ length: 40 }, (_, n) => `c${n}.1 ${n}-${n + 5} 200`).join('\n');
    const lost = (count: number) =>
      runOf(
        strip(lines).map((record) =>
          record.type === 'attempt' && record.id <= count
            ? { ...record, call: null, joinedBy: 'none' as const }
            : record,
        ),
      );
    expect(judge('fail').judge(lost(2)).status).toBe('fail');
    expect(judge('fail').judge(lost(3))).toMatchObject({
      status: 'inconclusive',
      n: 37,
      needed: 38,
      figure: null,
      reason: '3 of 40 attempts could not be joined to a call, so calls cannot be judged.',
      advice: 'Send requests in the async context of the call that makes them, not from a queue shared by all calls.',
    });
    expect(judge('fail', 'attempts').judge(lost(3)).status).toBe('fail');
    expect(analyse(lost(3)).unattributed).toBe(3);
  });

  it('failing verdicts on calls state the attempts attributed by guess', () => {
    const lines = Array.from({ length: 40 }, (_, n) => `c${n}.1 ${n}-${n + 5} 200`).join('\n');
    const guessed = runOf(
      strip(lines).map((record) =>
        record.type === 'attempt' && record.id <= 3
          ? { ...record, joinedBy: record.id === 1 ? ('only-open' as const) : ('prompt' as const) }
          : record,
      ),
    );
    const text =
      "3 of 40 attempts were joined to their call by guess (the only call that was open 1, the prompt's fingerprint 2)";
    expect(describeGuesses(guessed)).toBe(text);
    expect(judge('fail').judge(guessed).reason).toBe(`Seen. ${text}.`);
    expect(judge('pass').judge(guessed).reason).toBe('Seen.');
    expect(judge('fail', 'attempts').judge(guessed).reason).toBe('Seen.');
    expect(judge('fail').judge(run).reason).toBe('Seen.');
    expect(analyse(guessed).attribution.confidence).toEqual({ exact: 37, high: 0, guess: 3, none: 0 });
  });

  it.each([
    ['command', 'Send the headers that each call receives'],
    ['none', 'Send an Idempotency-Key that is the same in all attempts of one call'],
  ] as const)('attribution advice by client kind: %s', (kind, advice) => {
    const { client } = header().scenario;
    const code =
      kind === 'none'
        ? { kind }
        : { kind, command: ['python3', 'client.py'], protocol: 'worker' as const, workers: 1, folder: '.' };
    const lost = strip('a.1 0-20 200\nb.1 5-25 200').map((record) =>
      record.type === 'attempt' ? { ...record, call: null, joinedBy: 'none' as const } : record,
    );
    const run = runOf(lost, { head: header(undefined, { client: { ...client, code } }) });
    expect(judge('fail').judge(run).advice).toContain(advice);
  });

  it.each([
    [0.1, 'pass'],
    [0.1001, 'warn'],
    [0.25, 'warn'],
    [0.2501, 'fail'],
  ])('%d, above 0.1 a warning, above 0.25 a failure: %s', (figure, status) => {
    expect(above(figure, 0.1, 0.25)).toBe(status);
  });
});

const verdict = (
  severity: Severity,
  status: VerdictStatus,
  id: VerdictId = 'hedges',
  rest: Partial<Verdict> = {},
): Verdict => ({
  id,
  question: 'Does it?',
  severity,
  severitySource: 'default',
  status,
  figure: null,
  unit: '',
  threshold: '',
  n: 1,
  needed: 1,
  evidence: [],
  reason: 'Seen.',
  advice: '',
  ...rest,
});

describe('passing a run', () => {
  it.each([
    // A verdict that is an error by default: undecided, it is only shown, unless the caller is strict.
    ['error', 'default', 'fail', { run: true, allowInconclusive: true, strict: true }],
    ['error', 'default', 'inconclusive', { run: false, allowInconclusive: false, strict: true }],
    ['error', 'default', 'not-applicable', { run: false, allowInconclusive: false, strict: false }],
    ['error', 'default', 'warn', { run: false, allowInconclusive: false, strict: false }],
    ['error', 'default', 'pass', { run: false, allowInconclusive: false, strict: false }],
    // One that the scenario requires must be decided.
    ['error', 'scenario', 'fail', { run: true, allowInconclusive: true, strict: true }],
    ['error', 'scenario', 'inconclusive', { run: true, allowInconclusive: false, strict: true }],
    ['error', 'scenario', 'not-applicable', { run: true, allowInconclusive: false, strict: true }],
    ['error', 'scenario', 'warn', { run: false, allowInconclusive: false, strict: false }],
    ['error', 'scenario', 'pass', { run: false, allowInconclusive: false, strict: false }],
    ['warn', 'scenario', 'fail', { run: false, allowInconclusive: false, strict: false }],
    ['warn', 'scenario', 'inconclusive', { run: false, allowInconclusive: false, strict: false }],
  ] as const)('%s by %s, %s: fails %j', (severity, severitySource, status, fails) => {
    const own = verdict(severity, status, 'hedges', { severitySource });
    // One failing verdict is enough.
    const verdicts = [verdict('error', 'pass'), own, verdict('warn', 'fail')];
    for (const [leniency, expected] of [
      [{}, fails.run],
      [{ allowInconclusive: true }, fails.allowInconclusive],
      [{ strict: true }, fails.strict],
    ] as const) {
      expect(isFailure(own, leniency)).toBe(expected);
      expect(hasPassed({ thresholds: [], verdicts }, leniency)).toBe(!expected);
    }
  });

  it('a required verdict whose situation did not arise says which change makes it arise', () => {
    const calm = runOf(strip('a.1 0-10 200'));
    const of = (written: Parameters<typeof judgeRun>[1]) =>
      judgeRun(calm, written).find(({ id }) => id === 'gives-up-early')!;
    expect(of({ 'gives-up-early': 'error' })).toMatchObject({
      status: 'not-applicable',
      severitySource: 'scenario',
      advice: 'Set a limit below the load, so that requests are refused. `quotalab check` makes every situation arise.',
    });
    expect(of({ 'gives-up-early': { fail: 0.2 } })).toMatchObject({ severitySource: 'default', advice: '' });
    expect(of({})).toMatchObject({ severitySource: 'default', advice: '' });
  });

  it('one failed threshold fails the run', () => {
    const threshold = (ok: boolean) => ({ ok }) as Parameters<typeof hasPassed>[0]['thresholds'][number];
    expect(hasPassed({ thresholds: [threshold(true), threshold(true)], verdicts: [] })).toBe(true);
    expect(hasPassed({ thresholds: [threshold(true), threshold(false)], verdicts: [] })).toBe(false);
  });

  it('an analysis holds metrics, thresholds, verdicts and limits', () => {
    const run = runOf(strip('a.1 0-10 429\na.2 500-510 200'), {
      head: header(undefined, {
        thresholds: [{ metric: 'calls', expression: 'count>5', abortOnFail: false, delayAbortEvalUs: 0 }],
        verdicts: { hedges: 'off' },
      }),
    });
    const analysis = analyse(run);
    expect(analysis.thresholds).toMatchObject([{ ok: false }]);
    expect(analysis.verdicts).toHaveLength(JUDGES.length - 1);
    expect(analysis.limits).toMatchObject([{ limit: 'requests', denied: 1 }]);
    expect(analysis.loads).toEqual([]);
    expect(analysis.unattributed).toBe(0);
    expect(Object.keys(analysis.metrics).length).toBeGreaterThan(10);
  });
});

describe('combining seeds', () => {
  const over = (...statuses: readonly (VerdictStatus | 'would fail')[]) =>
    judgeSeeds(
      statuses.map((status, index) => ({
        seed: index + 1,
        verdicts: [
          verdict('warn', 'pass', 'no-jitter', { reason: 'Another.' }),
          status === 'would fail'
            ? verdict('warn', 'warn', 'hedges', { wouldFail: true, reason: `By ${index + 1}.` })
            : verdict('warn', status, 'hedges', { reason: `By ${index + 1}.` }),
        ],
      })),
    );

  it.each([
    ['the worst counts', ['pass', 'warn', 'fail'], 'fail', 'Seed 3: By 3.'],
    ['inconclusive outweighs pass', ['pass', 'inconclusive'], 'inconclusive', 'Seed 2: By 2.'],
    ['not-applicable counts least', ['not-applicable', 'pass'], 'pass', 'Seed 2: By 2.'],
    ['reports the first of equal seeds', ['warn', 'pass', 'warn'], 'warn', 'Seed 1, 3: By 1.'],
    ['omits seeds if all agree', ['warn', 'warn'], 'warn', 'By 1.'],
    ['wouldFail outweighs warn', ['warn', 'would fail'], 'warn', 'Seed 2: By 2.'],
    ['two seeds that would fail', ['would fail', 'would fail'], 'fail', 'By 1.'],
    ['one seed that would fail and one that fails', ['would fail', 'fail'], 'fail', 'Seed 2: By 2.'],
  ] as const)('%s', (_name, statuses, status, reason) => {
    const [other, own] = over(...statuses);
    expect(other).toMatchObject({ id: 'no-jitter', status: 'pass', reason: 'Another.' });
    expect(own).toMatchObject({ id: 'hedges', status, reason });
  });

  it('two warnings do not fail, and no seeds give no verdicts', () => {
    expect(over('warn', 'warn')[1]).not.toHaveProperty('wouldFail');
    expect(over('would fail', 'pass')[1]).toMatchObject({ status: 'warn', wouldFail: true });
    expect(over('would fail', 'would fail')[1]).not.toHaveProperty('wouldFail');
    expect(judgeSeeds([])).toEqual([]);
  });
});
