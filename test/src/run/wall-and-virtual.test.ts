import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import { runToEnd } from '../../run-to-end.ts';

/** The article's scenario for twenty seconds, in one kind of time. */
async function twentySeconds(time: 'wall' | 'virtual'): Promise<readonly JournalRecord[]> {
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

// A machine that was busy for a second is tried again: this is the one test that real clocks decide.
const ON_A_QUIET_MACHINE = { retry: 2, timeout: 180_000 };

/**
 * What timing allows: the quota is the same and is used up, so as many calls succeed, but for a few that the end cuts. How
 * often the rest try follows from who comes first within a millisecond, which is chance in one and jitter in the other; on
 * a quiet machine it is within a twentieth, on a loaded one every wait of the real client is longer.
 */
it(
  'twenty seconds of real clocks and sockets, and the same in virtual time: the same counts',
  ON_A_QUIET_MACHINE,
  async () => {
    const [wall, virtual] = await Promise.all([twentySeconds('wall'), twentySeconds('virtual')]);
    const [real, jumped] = [counts(wall), counts(virtual)];
    expect(real.refused).toBeGreaterThan(200);
    expect(Math.abs(real.ok - jumped.ok)).toBeLessThanOrEqual(5);
    for (const figure of ['calls', 'attempts', 'refused'] as const) {
      expect(real[figure] / jumped[figure], figure).toBeGreaterThan(0.6);
      expect(real[figure] / jumped[figure], figure).toBeLessThan(1.4);
    }
  },
);
