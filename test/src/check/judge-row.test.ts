import { describe, expect, it } from 'vitest';
import { JUDGES, type VerdictId } from '../../../src/analysis/judging/judge-run.ts';
import type { Verdict } from '../../../src/analysis/judging/verdict.ts';
import type { ThresholdResult } from '../../../src/analysis/metrics/thresholds.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { BATTERY, selectRows } from '../../../src/check/battery.ts';
import { compareWithBaseline, createCheckBaseline } from '../../../src/check/check-baseline.ts';
import { judgeRow, type RowResult, type RowVerdict, worstFirst } from '../../../src/check/judge-row.ts';
import { scenarioOf } from '../../../src/check/row-scenario.ts';
import { loadCheckedScenario } from '../../../src/experiment/load-checked-scenario.ts';

/** Verdicts that arise with several providers or replicas only; a client is checked as one process with one provider. */
const OF_FLEETS = [
  'no-failover',
  'overruns-fallback',
  'tries-shut-provider',
  'fails-over-late',
  'no-fail-back',
  'limit-per-process',
];

describe('the battery', () => {
  it('names each row once', () => {
    const ids = BATTERY.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(40);
  });

  it('makes the situation of every verdict arise', () => {
    const decided = new Set(BATTERY.flatMap(({ verdicts }) => Object.keys(verdicts)));
    expect(JUDGES.map(({ id }) => id).filter((id) => !decided.has(id))).toEqual(OF_FLEETS);
  });

  it('decides each row by a verdict or a threshold', () => {
    const idle = BATTERY.filter(({ verdicts, parts }) => Object.keys(verdicts).length === 0 && !parts.thresholds);
    expect(idle.map(({ id }) => id)).toEqual([]);
  });

  it.each(['openai', 'azure', 'anthropic', 'gemini'] as const)('is made of valid scenarios (%s)', async (dialect) => {
    for (const row of BATTERY) {
      for (const time of ['virtual', 'wall'] as const) {
        const client = { module: './test/fixtures/check/plain.ts' };
        const { provider } = await loadCheckedScenario(scenarioOf(row, { client, dialect, time }));
        expect(provider.dialect).toBe(dialect);
      }
    }
  });

  it('names the rows it has for a misspelt one', () => {
    expect(selectRows(['hang']).map(({ id }) => id)).toEqual(['hang']);
    expect(() => selectRows(['hnag'])).toThrow(expect.objectContaining({ code: 'check/unknown-row' }));
  });
});

describe('a table that is kept', () => {
  const row = (id: string, verdict: RowVerdict): RowResult => ({
    id,
    situation: 'refused',
    did: '1 of 1 answered',
    verdict,
    decidedBy: '',
    reason: '',
    act: '',
    evidence: [],
  });
  const table = {
    client: './client.ts',
    dialect: 'openai',
    seed: 1,
    time: 'virtual',
    passed: false,
    rows: [row('hang', 'fail'), row('reset', 'pass'), row('billing', 'warn')],
  } as const;

  it('shows the severest rows first', () => {
    expect(worstFirst(table.rows).map(({ id }) => id)).toEqual(['hang', 'billing', 'reset']);
  });

  it('names rows that got worse; failures that were kept are known', () => {
    const kept = createCheckBaseline(table);
    expect(compareWithBaseline(table.rows, kept)).toEqual({ worse: [], better: [], unknown: [], passed: true });
    const now = [row('hang', 'pass'), row('reset', 'fail'), row('billing', 'undecided'), row('day-spent', 'fail')];
    expect(compareWithBaseline(now, kept)).toEqual({
      worse: [{ id: 'reset', before: 'pass', now: 'fail' }],
      better: [
        { id: 'hang', before: 'fail', now: 'pass' },
        { id: 'billing', before: 'warn', now: 'undecided' },
      ],
      unknown: ['day-spent'],
      passed: false,
    });
  });

  it('keeps the rows that did not run this time', () => {
    const kept = createCheckBaseline(table);
    const again = createCheckBaseline({ ...table, rows: [row('hang', 'pass')] }, kept);
    expect(again.rows).toEqual({ hang: 'pass', reset: 'pass', billing: 'warn' });
  });
});

describe('a row', () => {
  const row = BATTERY.find(({ id }) => id === 'limit-shut')!;
  const met = { fault: 'refuse', status: 429, startUs: 0, endUs: 1000, outcome: 'response', stream: false };
  const run = { calls: [], attempts: [met], endUs: 1000 } as unknown as Run;
  const verdict = (id: VerdictId, status: string): Verdict<VerdictId> =>
    ({
      id,
      status,
      reason: `${id} says so.`,
      advice: 'Mend it. Or not.',
      evidence: [],
    }) as unknown as Verdict<VerdictId>;
  const judged = (...verdicts: Verdict<VerdictId>[]) => judgeRow(row, run, { verdicts, thresholds: [] });

  it('is decided by the first of its verdicts that is severest, and names the others that failed or warned', () => {
    const found = judged(
      verdict('no-jitter', 'fail'),
      verdict('amplifies-load', 'warn'),
      verdict('unbounded-retries', 'fail'),
    );
    expect(found).toMatchObject({
      verdict: 'fail',
      decidedBy: 'unbounded-retries',
      act: 'Mend it.',
      also: ['no-jitter says so.', 'amplifies-load says so.'],
    });
  });

  it('is undecided only if none of its verdicts decided', () => {
    expect(judged(verdict('no-jitter', 'inconclusive'), verdict('unbounded-retries', 'pass')).verdict).toBe('pass');
    expect(judged(verdict('no-jitter', 'inconclusive'), verdict('unbounded-retries', 'not-applicable')).verdict).toBe(
      'undecided',
    );
  });

  it('says how many failed calls sent nothing', () => {
    const call = (n: number, sent: number) => ({
      result: 'error',
      attempts: Array(sent).fill(met),
      startUs: 0,
      endUs: 1000,
      error: { name: 'Error', message: `No deployments available (${n})` },
    });
    const silent = { ...run, calls: [call(1, 0), call(2, 0), call(3, 1)] } as unknown as Run;
    const failed = { ok: false, metric: 'call_failed', expression: 'rate<0.01', observed: 0.93333 } as ThresholdResult;
    const found = judgeRow(row, silent, { verdicts: [], thresholds: [failed] });
    expect(found.reason).toBe(
      'call_failed must be rate<0.01; it was 0.933. 2 of the 3 calls that failed sent nothing (No deployments available (1)).',
    );
    expect(found.act).toMatch(/^Let calls wait until the provider takes requests again/);
  });
});
