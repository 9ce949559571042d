import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { computeLoadFigures } from '../src/analysis/run/by-load.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { runToEnd } from './run-to-end.ts';

/** The behaviour of each client is not asserted: it may change with its version. */
it('scenarios/daily-limit: four clients exhaust the daily quota', async () => {
  const scenario = await loadScenario(
    fileURLToPath(new URL('../scenarios/daily-limit/scenario.yaml', import.meta.url)),
  );
  const records = await runToEnd(scenario);
  const run = readRun(records);
  const loads = computeLoadFigures(run);
  expect(loads.map(({ load, calls }) => [load, calls])).toEqual([
    ['openai', 360],
    ['ai-sdk', 360],
    ['langchain', 360],
    ['got', 360],
  ]);
  for (const { refused, requestedWaitUs, succeeded } of loads) {
    expect(refused).toBeGreaterThan(100);
    expect(succeeded).toBeGreaterThanOrEqual(180);
    expect(requestedWaitUs! / 3600e6).toBeCloseTo(9.75, 1);
  }
  // 13:30 and 720 requests at 24 a minute: the first refusal comes at 14:00.
  const first = run.attempts.find(({ deniedBy }) => deniedBy === 'day')!;
  expect(first.startUs / 60e6).toBeCloseTo(30, 0);
  // No client package is missing.
  const missing = run.calls.filter(({ error }) => error?.message.includes('Cannot find package'));
  expect(missing).toEqual([]);
});
