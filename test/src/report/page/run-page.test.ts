import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import { chartsOf } from '../../../../src/report/charts/charts.ts';
import { callColumns } from '../../../../src/report/page/call-columns.ts';
import { resolvedScenario } from '../../../../src/report/page/resolved-scenario.ts';
import { runPage } from '../../../../src/report/page/run-page.ts';
import { header, repeated, requestLimit, runOf } from '../../analysis/strip.ts';

const head = header([requestLimit(5, 5)], { name: 'article' });

/** Twenty calls, told twice to wait 2 s; they come back after half a second and after one. */
const HASTY = 'a.1 0-20 429 ra=2000\na.2 520-540 429 ra=2000\na.3 1520-1700 200';
const RUN = runOf(repeated(HASTY, 20, 1000), { head });

describe('the page of a run', () => {
  const page = runPage(RUN, analyse(RUN), { charts: chartsOf(RUN, analyse(RUN)).specs, again: [] });

  it('says in two sentences what happened, and above them what failed', () => {
    expect(page.outcome).toBe('failed');
    expect(page.headline).toContain('ignores-retry-after');
    expect(page.story[0]).toMatch(
      /^20 calls in 21\.7\s?s of .*: all succeeded\. They sent 60 requests \(3 a call\): 20 were admitted and 40 refused/,
    );
  });

  it('names the call of each proof', () => {
    const finding = page.findings.find(({ name }) => name === 'ignores-retry-after')!;
    expect(finding).toMatchObject({ outcome: 'failed', failsRun: true });
    expect(finding.advice).not.toBe('');
    expect(finding.evidence.length).toBeGreaterThan(2);
    const ids = new Set(RUN.calls.map(({ id }) => id));
    for (const { text, call } of finding.evidence) {
      expect(text).toContain(`call ${call}, `);
      expect(ids.has(call!)).toBe(true);
    }
  });

  it('is plain data: what is embedded is what was made', () => {
    const { charts, ...rest } = page;
    expect(JSON.parse(JSON.stringify(rest))).toEqual(rest);
    expect(charts.length).toBeGreaterThan(2);
    expect(charts.every(({ title, config }) => title !== '' && !/\bfunction\b/.test(JSON.stringify(config)))).toBe(
      true,
    );
  });
});

describe('calls by column', () => {
  it('hold the waterfall of a call: tries, what was told, when it would have passed', () => {
    const columns = callColumns(RUN, new Set());
    expect(columns).toMatchObject({ total: 20, unitUs: 1 });
    expect(columns.attempts.slice(0, 2)).toEqual([3, 3]);
    const { attempt, words } = columns;
    expect(attempt.started.slice(0, 3)).toEqual([0, 520_000, 1_520_000]);
    expect(attempt.ended.slice(0, 3)).toEqual([20_000, 20_000, 180_000]);
    expect(attempt.told.slice(0, 3)).toEqual([2_000_000, 2_000_000, -1]);
    expect(attempt.ending.slice(0, 3).map((code) => words[code])).toEqual(['refused', 'refused', 'answered']);
    expect(columns.scheduled.reduce((sum, step) => sum + step, 0)).toBe(RUN.calls.at(-1)!.scheduledUs);
  });

  it('of a run too long for a page are every n-th, and all that prove something', () => {
    const call = RUN.calls[0]!;
    const calls = Array.from({ length: 600_000 }, (_, id) => ({ ...call, id, attempts: [] }));
    const columns = callColumns({ ...RUN, calls, attempts: [] }, new Set([7, 599_998]));
    expect(columns.total).toBe(600_000);
    expect(columns.id.length).toBe(200_002);
    expect(columns.id).toEqual(expect.arrayContaining([0, 3, 7, 599_998]));
  });
});

it('settings are shown with their durations, without folders of the machine', () => {
  const text = resolvedScenario({ load: [{ executor: 'constant-vus', durationUs: 90_000_000 }], folder: '/home/ann' });
  expect(text).toBe('load:\n  - executor: constant-vus\n    duration: 1m30s\n');
});
