import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import type { Run } from '../../../../src/analysis/run/run-view.ts';
import { computeSeedSpread } from '../../../../src/analysis/spread.ts';
import type { RowResult } from '../../../../src/check/judge-row.ts';
import { compare } from '../../../../src/comparison/compare.ts';
import type { Sweep, SweepRow } from '../../../../src/plan/sweep.ts';
import { checkResult, checkSummary } from '../../../../src/report/terminal/check-lines.ts';
import { comparisonSummary } from '../../../../src/report/terminal/comparison-lines.ts';
import { comparisonResult } from '../../../../src/report/terminal/comparison-result.ts';
import { type Result, resultLine } from '../../../../src/report/terminal/result-line.ts';
import { runResult } from '../../../../src/report/terminal/run-result.ts';
import { spreadResult, spreadSummary } from '../../../../src/report/terminal/spread-lines.ts';
import { sweepResult, sweepSummary } from '../../../../src/report/terminal/sweep-lines.ts';
import { terminalSummary } from '../../../../src/report/terminal/terminal.ts';
import { header, repeated, requestLimit, runOf, strip } from '../../analysis/strip.ts';
import { createTestMeasurement, FIVE_PERCENT } from '../../comparison/test-measurement.ts';
import { harStrip, runOf as recordedRun } from '../../recorded/traffic.ts';

/** The columns and lines of a small terminal; a command may also list what it wrote, in two lines and an empty one. */
const SIZE = { columns: 80, lines: 30, written: 3 };

const OPTIONS = { color: false, width: SIZE.columns, full: false };
const OPEN = { ...OPTIONS, open: 'reports/article/report.html' };

const head = header([requestLimit(5, 5)], {
  name: 'article',
  thresholds: [
    { metric: 'call_failed', expression: 'rate<0.01', abortOnFail: false, delayAbortEvalUs: 0 },
    { metric: 'call_duration', expression: 'p(95)<1s', abortOnFail: false, delayAbortEvalUs: 0 },
  ],
  verdicts: { 'gives-up-early': 'error', 'over-waits': 'error', hedges: 'error', 'backoff-shape': 'error' },
});

/** Twenty calls that come back before Retry-After, twice each. */
const EARLY = runOf(repeated('a.1 0-20 429 ra=2000\na.2 520-540 429 ra=2000\na.3 1520-1700 200', 20, 1000), { head });
const CALM = runOf(strip('a.1 0-10 200\nb.1 500-510 200'), { head: header([requestLimit(5, 5)]) });
const MENDED = runOf(strip('a.1 0-10 503\na.2 500-510 200\nb.1 0-10 503\nb.2 800-810 200'), { head: header() });
const RECORDED = recordedRun(harStrip('0-20 429 ra=1 rc=0\n200-300 200 rc=1'));
const { recorded: _, ...ofProgram } = RECORDED.header;
const PROGRAM: Run = {
  ...RECORDED,
  exitCode: 0,
  header: { ...ofProgram, program: { missing: ['caller'], variables: ['OPENAI_BASE_URL', 'OPENAI_API_KEY'] } },
};

const ofRun = (run: Run): readonly [string, Result] => {
  const analysis = analyse(run);
  return [terminalSummary(run, analysis, OPTIONS), runResult(run, analysis)];
};

function ofSeeds(): readonly [string, Result] {
  const seeds = [1, 2].map((seed) => ({ seed, ok: false, analysis: analyse(EARLY) }));
  const judged = seeds[0]!.analysis.verdicts;
  return [spreadSummary('article', seeds, computeSeedSpread(seeds), judged, OPTIONS), spreadResult(seeds, judged, {})];
}

function ofSweep(): readonly [string, Result] {
  const paths = ['client.retries.max', 'provider.limits.requests.capacity'];
  const rows = Array.from({ length: 60 }, (_, index): SweepRow => {
    const point = { [paths[0]!]: String(index % 6), [paths[1]!]: String(index) };
    const figures = { failed: index / 100, p95Us: 1_234_567, goodputPerSecond: 4.98, attemptsPerCall: 2.24 };
    return { point, held: index === 7 ? 3 : 0, seeds: 3, refused: 0.5, ...figures, runs: [] };
  });
  const dimensions = paths.map((path) => ({ path, values: ['1'] }));
  const sweep: Sweep = { dimensions, rows, best: rows[7]! };
  return [sweepSummary('article', '60 points with 3 seeds each', sweep, OPTIONS), sweepResult(sweep)];
}

/** `own`: the result of a run that is compared with a baseline. */
function ofComparison(own?: Result): readonly [string, Result] {
  const figures = (value: number) =>
    Object.fromEntries(
      ['call_duration p(50)', 'call_duration p(95)', 'call_failed', 'goodput', 'attempts', 'attempt_rejected'].map(
        (name) => [name, [value, value * 1.1]],
      ),
    );
  const verdicts = (outcome: string) =>
    Object.fromEntries(
      ['gives-up-early', 'no-deadline', 'over-waits', 'hedges'].map((id) => [
        id,
        { severity: 'error', outcomes: [outcome, outcome], reason: 'Because of a change.' },
      ]),
    );
  const [base, candidate] = [createTestMeasurement, createTestMeasurement].map((create, index) =>
    create({
      time: 'wall',
      figures: figures(index === 0 ? 0.1 : 0.5),
      verdicts: verdicts(index === 0 ? 'pass' : 'fail') as never,
    }),
  );
  const comparison = compare(base!, candidate!, { allowances: FIVE_PERCENT, force: false });
  const sides = { base: 'reports/before', candidate: 'reports/after' };
  return [comparisonSummary(comparison, sides, OPTIONS), comparisonResult(comparison, own)];
}

function ofCheck(): readonly [string, Result] {
  const rows = Array.from(
    { length: 40 },
    (_, index): RowResult => ({
      id: `situation-${index}`,
      situation: `answered ${400 + index} once a call, with a body that says what is wrong and how long to wait`,
      did: '13 of 25 answered, one try each, and the others after a wait of 2s or more',
      verdict: (['fail', 'warn', 'pass', 'not-applicable'] as const)[index % 4]!,
      decidedBy: 'treats-overload-as-fatal',
      reason: `12 of 12 calls gave up on ${400 + index}.`,
      act: `Retry after a growing wait, and end by a deadline (${index % 20}).`,
      evidence: [{ call: 2, attempt: 1, number: 1, atUs: 278_000, what: 'no second attempt' }],
    }),
  );
  const table = { client: './client.ts', dialect: 'openai', seed: 1, time: 'virtual', passed: false, rows } as const;
  return [checkSummary(table, OPTIONS), checkResult(table, undefined)];
}

describe.each<[string, () => readonly [string, Result], RegExp]>([
  ['run, failing', () => ofRun(EARLY), /^FAILED ignores-retry-after 100% of retries, .* · seed 1 · open /],
  ['run, nothing refused', () => ofRun(CALM), /^NOT TESTED nothing was refused and nothing failed · seed 1 · open /],
  ['run, passing', () => ofRun(MENDED), /^PASSED \d+ verdicts, \d+ undecided · seed 1 · open /],
  [
    'run, interrupted',
    () => ofRun({ ...EARLY, stopped: 'interrupted' }),
    /^PARTIAL the run was interrupted after 21\.7s, /,
  ],
  ['analyze', () => ofRun(RECORDED), /^(FAILED|PASSED|UNDECIDED) /],
  ['exec', () => ofRun(PROGRAM), /^(FAILED|PASSED|UNDECIDED) /],
  [
    'exec, without a request',
    () => ofRun({ ...PROGRAM, attempts: [], calls: [] }),
    /^FAILED no request reached .* · the program itself exited with 0 · /,
  ],
  ['exec, with a failing program', () => ofRun({ ...PROGRAM, exitCode: 3 }), /^FAILED the program exited with 3/],
  ['run --seeds', ofSeeds, /^FAILED 2 of 2 seeds \(1, 2\), ignores-retry-after /],
  ['sweep', ofSweep, /^DONE best is client\.retries\.max = 1 and .* = 7 · 60 points, 3 seeds each · open /],
  ['compare', ofComparison, /^FAILED \d+ regressions: .* and \d+ more · open /],
  [
    'run --baseline',
    () => ofComparison(runResult(EARLY, analyse(EARLY))),
    /^FAILED \d+ regressions: .* and \d+ more · seed 1 · open /,
  ],
  [
    'check',
    ofCheck,
    /^FAILED situation-0, .* and 7 more · 10 failed, 10 warned, 10 passed, 10 left out of 40 · seed 1/,
  ],
])('%s, in a terminal of 80 columns', (_name, render, expected) => {
  const [summary, result] = render();
  const last = resultLine(result, OPEN);

  it('fits on a page', () => {
    const lines = summary.trimEnd().split('\n').length + 1 + last.trimEnd().split('\n').length;
    expect(lines).toBeLessThanOrEqual(SIZE.lines - SIZE.written + 1);
  });

  it('no line is wider than the terminal', () => {
    expect(`${summary}${last}`.split('\n').filter((line) => line.length > SIZE.columns)).toEqual([]);
  });

  it('says the result at the end', () => {
    expect(last.trim().replace(/\s+/g, ' ')).toMatch(expected);
  });

  it('spells out nothing that is zero', () => {
    expect(summary).not.toMatch(/(?<![\d.])0 (?:calls|attempts|refused|failed|unfinished|dropped)/);
  });
});

it('a narrow terminal is not flooded', () => {
  const [summary] = ofRun(EARLY);
  const narrow = terminalSummary(EARLY, analyse(EARLY), { ...OPTIONS, width: 60 });
  expect(narrow.split('\n').filter((line) => line.length > 60)).toEqual([]);
  expect(narrow.split('\n').length).toBeLessThan(summary.split('\n').length + 12);
});
