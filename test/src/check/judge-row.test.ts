import { describe, expect, it } from 'vitest';
import { JUDGES } from '../../../src/analysis/judging/judge-run.ts';
import { BATTERY, selectRows } from '../../../src/check/battery.ts';
import { compareWithBaseline, createCheckBaseline } from '../../../src/check/check-baseline.ts';
import { type RowResult, type RowVerdict, worstFirst } from '../../../src/check/judge-row.ts';
import { scenarioOf } from '../../../src/check/row-scenario.ts';
import { loadCheckedScenario } from '../../../src/experiment/load-checked-scenario.ts';

describe('the battery', () => {
  it('names each row once', () => {
    const ids = BATTERY.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(40);
  });

  it('makes the situation of every verdict arise', () => {
    const decided = new Set(BATTERY.flatMap(({ verdicts }) => Object.keys(verdicts)));
    expect(JUDGES.map(({ id }) => id).filter((id) => !decided.has(id))).toEqual([]);
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
