import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import { runToEnd } from '../../run-to-end.ts';

/** Runs the article's scenario for twenty seconds. */
async function runTwentySeconds(time: 'wall' | 'virtual'): Promise<readonly JournalRecord[]> {
  const file = fileURLToPath(new URL('../../../scenarios/article/scenario.yaml', import.meta.url));
  const scenario = await loadScenario(file, { overrides: { time, 'load[0].duration': '20s' } });
  return await runToEnd(scenario);
}

function counts(records: readonly JournalRecord[]): { calls: number; ok: number; attempts: number; refused: number } {
  const calls = records.filter((record) => record.type === 'call');
  const attempts = records.filter((record) => record.type === 'attempt');
  return {
    calls: calls.length,
    ok: calls.filter(({ result }) => result === 'ok').length,
    attempts: attempts.length,
    refused: attempts.filter(({ status }) => status === 429).length,
  };
}

// Retried if the machine was busy for a second: this test depends on real clocks.
const RETRY_IF_BUSY = { retry: 2, timeout: 180_000 };

/**
 * The quota is the same and used up, so that the same number of calls succeeds, except for a few cut off by the end. The
 * number of retries depends on the order within a millisecond, which is seeded in one and jitter in the other. It differs by
 * less than 5 % on an idle machine; on a loaded one, every wait of the real client is longer.
 */
it('twenty seconds in wall time and in virtual time give similar counts', RETRY_IF_BUSY, async () => {
  const [wall, virtual] = await Promise.all([runTwentySeconds('wall'), runTwentySeconds('virtual')]);
  const [inWallTime, inVirtualTime] = [counts(wall), counts(virtual)];
  expect(inWallTime.refused).toBeGreaterThan(200);
  expect(Math.abs(inWallTime.ok - inVirtualTime.ok)).toBeLessThanOrEqual(5);
  for (const figure of ['calls', 'attempts', 'refused'] as const) {
    expect(inWallTime[figure] / inVirtualTime[figure], figure).toBeGreaterThan(0.6);
    expect(inWallTime[figure] / inVirtualTime[figure], figure).toBeLessThan(1.4);
  }
});
