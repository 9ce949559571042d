import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { QuotaLabError } from '../../../mock-server/error.ts';
import { checkScenario } from '../../../src/analysis/check-scenario.ts';
import measure from '../../../src/plan/model-worker.ts';
import { type CapacityPlan, type PlanOptions, plan } from '../../../src/plan/plan.ts';
import { planTitle } from '../../../src/report/charts/plan-chart.ts';
import { describeEdge, planSummary } from '../../../src/report/terminal/plan-lines.ts';

/** Plans for a client that never retries, with the given limits and load. */
function planFor(limits: string, load: string, options: Partial<PlanOptions> = {}, rest = ''): Promise<CapacityPlan> {
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-plan-')), 'scenario.yaml');
  const provider = `provider: { limits: [${limits}], latency: { firstToken: 400ms, perToken: 0s } }`;
  writeFileSync(file, `name: theory\nclient: { model: none }\n${provider}\nload: [${load}]\n${rest}`);
  return plan({ file, overrides: {}, check: checkScenario, seeds: 2, measure, ...options });
}

const found = ({ edge }: CapacityPlan): number => (edge.kind === 'edge' ? edge.holds : Number.NaN);
const within = (value: number, theory: number, share: number): void => {
  expect(value).toBeGreaterThan(theory * (1 - share));
  expect(value).toBeLessThan(theory * (1 + share));
};

describe('within 2 % of theory', () => {
  it('one bucket of requests: 5 a second for ten minutes, and one call in a hundred may fail', async () => {
    const done = await planFor(
      '{ name: rpm, capacity: 5, refill: 5/s }',
      '{ executor: constant-arrival-rate, rate: 1/s, duration: 10m }',
    );
    // The capacity of the bucket over the run, 5 + 5 × 600, is 99 % of the arrivals.
    within(found(done), (5 + 5 * 600) / 600 / 0.99, 0.02);
    within(done.bounds[0]!.callsPerSecond, (5 + 5 * 600) / 600, 0.001);
    expect(done.beyond?.runs.some(({ ok, limits }) => !ok && limits[0]!.denied > 0)).toBe(true);
  });

  it('a trace: how many times as many calls fit, though the scenario does not write its scale', async () => {
    const trace = join(mkdtempSync(join(tmpdir(), 'quotalab-plan-')), 'second.csv');
    writeFileSync(trace, `time\n${Array.from({ length: 600 }, (_, second) => second).join('\n')}\n`);
    const done = await planFor('{ name: rpm, capacity: 60, refill: 5/s }', `{ executor: trace, file: ${trace} }`);
    within(found(done), (60 + 5 * 600) / 600 / 0.99, 0.02);
    expect(describeEdge(done)).toMatch(/^\d\.\d+ × the trace fits: every goal held/);
    expect(planTitle(done)).toMatch(/^\d\.\d+ × the trace fits; with /);
  });

  it('tokens that bind: 30k a minute, 200 a call', async () => {
    const done = await planFor(
      '{ name: rpm, refill: 500/min }, { name: tpm, unit: tokens, refill: 30k/min }',
      '{ executor: constant-arrival-rate, rate: 1/s, duration: 10m }',
      {},
      'call: { maxTokens: 200 }',
    );
    within(found(done), (30_000 * 11) / 600 / 200 / 0.99, 0.02);
    expect(done.bounds[0]).toMatchObject({ limit: 'tpm', costPerCall: 200 });
    expect(done.beyond?.runs.some(({ limits }) => limits[1]!.denied > 0)).toBe(true);
  });

  it('a daily total that binds: 1,000 a day', async () => {
    const done = await planFor(
      '{ name: rpm, refill: 60/min }, { name: day, algorithm: calendar-quota, amount: 1000, per: day }',
      '{ executor: constant-arrival-rate, rate: 0.5/min, duration: 24h }',
    );
    within(found(done) / 60, 1000 / 86_400 / 0.99, 0.02);
    expect(done.bounds[0]).toMatchObject({ limit: 'day' });
    expect(done.beyond?.runs.some(({ limits }) => limits[1]!.denied > 0)).toBe(true);
  });

  it("VUs by Little's law: 400 ms per reply and 600 ms of wait make one call per second each", async () => {
    const done = await planFor(
      '{ name: rpm, capacity: 20, refill: 20/s }',
      '{ executor: constant-vus, vus: 3, duration: 2m, wait: { constant: 600ms } }',
    );
    within(found(done), 20, 0.02);
    within(done.bounds[0]!.vus!, 20, 0.01);
    within(done.bounds[0]!.turnUs!, 1_000_000, 0.01);
  });
});

describe('result', () => {
  const LIMIT = '{ name: rpm, capacity: 5, refill: 5/s }';
  const RATE = '{ executor: constant-arrival-rate, rate: 1/s, duration: 1m }';

  it('shows the number, what fails beyond it, what binds, and the arithmetic', async () => {
    const done = await planFor(LIMIT, RATE);
    const page = planSummary(done, { color: false, width: 80, full: false }).split('\n');
    expect(page.filter((line) => line.length > 80)).toEqual([]);
    expect(page.length).toBeLessThanOrEqual(28);
    const text = planSummary(done, { color: false, width: 100, full: false });
    expect(text).toMatch(/5\.\d+\/s fits: every goal held with 2 of 2 seeds\./);
    expect(text).toMatch(/With 5\.\d+\/s, \d of 2 seeds failed: call_failed rate<0\.01 \(1\.\d+%/);
    expect(text).toMatch(/rpm binds: 9\d(\.\d+)?% of what it could admit/);
    expect(text).toMatch(
      /By arithmetic rpm: 5\.08 requests\/s, the full bucket at the start included,\s+= 5\.08 calls\/s/,
    );
    expect(text).toContain('◂ edge');
  });

  it('reports a load that no limit binds', async () => {
    const done = await planFor('', RATE, { max: 64 });
    expect(describeEdge(done)).toBe(
      'Every goal holds at every load[0].rate tried, up to 64/s: no limit binds, or no goal depends on it.',
    );
    expect(planTitle(done)).toBe('Every goal holds up to 64/s');
  });

  it('reports a goal that no load meets', async () => {
    const done = await planFor(LIMIT, RATE, {}, 'thresholds: { call_duration: "p(95)<100ms" }');
    expect(describeEdge(done)).toMatch(
      /^Even load\[0\]\.rate = \S+ fails: less load alone cannot meet the goals of theory\.$/,
    );
  });

  it('varies any other number, such as the duration', async () => {
    const burst = await planFor(LIMIT, RATE, { path: 'load[0].duration', max: 20 });
    expect(describeEdge(burst)).toMatch(/^Every goal holds at every load\[0\]\.duration tried, up to 20m/);
  });

  it.each([
    ['load[0].rte', 'load[0].rte does not exist', 'did you mean "load[0].rate"?'],
    [
      'provider.limits.rpn.refill',
      'provider.limits.rpn.refill does not exist',
      'did you mean "provider.limits.rpm.refill"?',
    ],
    ['load[0].executor', 'load[0].executor is "constant-arrival-rate", not a number', '--vary'],
  ])('throws for %s, which is not a number', async (path, message, hint) => {
    const error = await planFor(LIMIT, RATE, { path }).then(
      () => undefined,
      (caught: QuotaLabError) => caught,
    );
    expect(error?.code).toBe('plan/no-number');
    expect(error?.problems[0]).toMatchObject({
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  it('throws for a load with several executors', async () => {
    const error = await planFor(LIMIT, `${RATE}, ${RATE}`).catch((caught: QuotaLabError) => caught);
    expect((error as QuotaLabError).message).toContain('several executors or stages: choose the number to vary');
  });
});
