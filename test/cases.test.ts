import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyse } from '../src/analysis/analyse.ts';
import { checkScenario } from '../src/analysis/check-scenario.ts';
import { judgeSeeds } from '../src/analysis/judging/judge-seeds.ts';
import type { Verdict } from '../src/analysis/judging/verdict.ts';
import { hasPassed } from '../src/analysis/pass-rule.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { runToEnd } from './run-to-end.ts';

/** Runs a case in virtual time and judges it as `quotalab run --seeds` does. */
async function judged(
  file: string,
  overrides: Readonly<Record<string, string>> = {},
  seeds = 1,
): Promise<{ ok: boolean; verdicts: readonly Verdict[]; attempts: number; p100Us: number }> {
  const path = fileURLToPath(new URL(`../scenarios/cases/${file}`, import.meta.url));
  const runs = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const scenario = await loadScenario(path, {
      overrides: { ...overrides, seed: String(seed) },
      check: checkScenario,
    });
    const records = await runToEnd(scenario);
    const run = readRun(records);
    runs.push({ seed, run, analysis: analyse(run) });
  }
  const verdicts = judgeSeeds(runs.map(({ seed, analysis }) => ({ seed, verdicts: analysis.verdicts })));
  const thresholds = runs.flatMap(({ analysis }) => analysis.thresholds);
  const { run } = runs[0]!;
  return {
    ok: hasPassed({ thresholds, verdicts }),
    verdicts,
    attempts: run.attempts.length,
    p100Us: Math.max(...run.calls.map(({ startUs, endUs }) => endUs - startUs)),
  };
}

interface Case {
  readonly name: string;
  /** The expected verdicts on the faulty client, with the figures derived in `cases.md`. */
  readonly bad: Readonly<Record<string, Partial<Pick<Verdict, 'status' | 'figure' | 'n'>>>>;
  /** The expected statuses of the same verdicts on the fixed client; `pass` by default. */
  readonly good?: Readonly<Record<string, Verdict['status']>>;
  readonly seeds?: number;
  readonly mended?: { readonly file?: string; readonly overrides?: Readonly<Record<string, string>> };
}

const CASES: readonly Case[] = [
  { name: 'retry-after-ignored', bad: { 'ignores-retry-after': { status: 'fail', figure: 1, n: 6 } } },
  {
    name: 'retry-after-unreadable',
    bad: {
      'misreads-retry-after': { status: 'fail', figure: 8, n: 8 },
      'retries-too-early': { status: 'fail', figure: 1 },
    },
    // Without a readable Retry-After the client must guess, and may guess too short.
    good: { 'misreads-retry-after': 'pass', 'retries-too-early': 'fail' },
  },
  {
    name: 'reset-durations',
    bad: {
      'retries-too-early': { status: 'fail' },
      'misreads-retry-after': { status: 'fail' },
      'over-waits': { status: 'fail', figure: 998 },
    },
  },
  { name: 'billing-exhausted', bad: { 'retries-non-retryable': { status: 'fail', figure: 30 } } },
  {
    name: 'layers-3x2',
    bad: {
      'layered-retries': { status: 'fail', figure: 6, n: 20 },
      'hides-retries': { status: 'fail', figure: 6 },
      'amplifies-load': { status: 'fail', figure: 6 },
    },
  },
  {
    name: 'retry-after-in-step',
    // A second seed confirms the statistical verdict.
    seeds: 2,
    bad: {
      'synchronised-herd': { status: 'fail', figure: 20 / 6 },
      'ignores-retry-after': { status: 'pass', figure: 0 },
    },
  },
  { name: 'stream-breaks', bad: { 'replays-partial-stream': { status: 'fail', figure: 8, n: 8 } } },
  {
    name: 'gateway-under-admits',
    bad: { 'leaves-quota-unused': { status: 'fail' } },
    mended: { file: 'mended.yaml', overrides: {} },
  },
  {
    name: 'patience-150-ms',
    bad: {
      'retries-too-early': { status: 'fail', figure: 1, n: 25 },
      'gives-up-early': { status: 'fail', figure: 5 / 6, n: 5 },
    },
  },
  { name: 'black-hole', bad: { 'no-deadline': { status: 'warn' } } },
  { name: 'passing-faults', bad: { 'treats-overload-as-fatal': { status: 'fail', figure: 1, n: 30 } } },
  {
    name: 'limit-shut-storm',
    bad: { 'unbounded-retries': { status: 'fail', figure: 38 }, 'amplifies-load': { status: 'fail', figure: 38 } },
  },
  {
    name: 'three-layers',
    bad: { 'concurrency-blow-up': { status: 'fail', figure: 40 / 6 }, 'gives-up-early': { status: 'fail' } },
  },
  { name: 'rejection-as-answer', bad: { 'swallows-rejection': { status: 'fail', figure: 6, n: 6 } } },
];

const statusOf = (verdicts: readonly Verdict[], id: string): Verdict => verdicts.find((verdict) => verdict.id === id)!;

describe.each(CASES)('$name', ({ name, bad, good, seeds, mended }) => {
  it('the faulty client fails with the derived figures', async () => {
    const { ok, verdicts } = await judged(`${name}/scenario.yaml`, {}, seeds);
    expect(ok).toBe(false);
    for (const [id, expected] of Object.entries(bad)) {
      const verdict = statusOf(verdicts, id);
      expect(verdict, id).toMatchObject(expected);
      if (verdict.status !== 'pass') expect([verdict.evidence.length > 0, verdict.advice !== '']).toEqual([true, true]);
    }
  });

  it('the fixed client passes', async () => {
    const { file = 'scenario.yaml', overrides = { 'client.module': './good.ts' } } = mended ?? {};
    const { ok, verdicts } = await judged(`${name}/${file}`, overrides, seeds);
    expect(verdicts.filter(({ severity, status }) => severity === 'error' && status === 'fail')).toEqual([]);
    expect(ok).toBe(true);
    for (const id of Object.keys(bad)) {
      const { status } = statusOf(verdicts, id);
      expect([id, status]).toEqual([id, good?.[id] ?? (status === 'not-applicable' ? status : 'pass')]);
    }
  });
});

describe('variants', () => {
  it('ten calls that ignore Retry-After also have no jitter', async () => {
    const { verdicts } = await judged('retry-after-ignored/scenario.yaml', { 'load[0].vus': '10' }, 2);
    expect(statusOf(verdicts, 'no-jitter')).toMatchObject({ status: 'fail', figure: 0 });
  });

  it('the SDK retries a billing refusal by default', async () => {
    const { verdicts } = await judged('billing-exhausted/scenario.yaml', { 'client.module': './sdk.ts' });
    expect(statusOf(verdicts, 'retries-non-retryable').status).toMatch(/warn|pass/);
  });

  it('a Retry-After above the cap of 10 m is not obeyed', async () => {
    const { verdicts } = await judged('retry-after-in-step/scenario.yaml', {
      'provider.retryAfter': '{ literal: "900" }',
    });
    expect(statusOf(verdicts, 'ignores-retry-after')).toMatchObject({
      status: 'fail',
      reason: expect.stringMatching(/ignored wait: 15m/),
    });
  });

  it('a black hole takes 90 s, or 30 m with the SDK timeout', async () => {
    const short = await judged('black-hole/scenario.yaml');
    expect(short.p100Us / 30e6).toBeGreaterThan(3);
    expect(short.p100Us / 30e6).toBeLessThan(3.1);
    const long = await judged('black-hole/scenario.yaml', { 'client.env.TIMEOUT_MS': '600000' });
    expect(statusOf(long.verdicts, 'no-deadline').status).toBe('fail');
  });

  it('a gateway refuses before 70 % of its quota', async () => {
    const { verdicts } = await judged('gateway-under-admits/scenario.yaml');
    expect(statusOf(verdicts, 'leaves-quota-unused').figure).toBeGreaterThan(0.3);
  });
});
