import { describe, expect, it } from 'vitest';
import type { EXECUTORS } from '../../../src/load/executors.ts';
import { type LoadFlags, loadOverrides } from '../../../src/scenario/load-flags.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';

type Load = NonNullable<ScenarioInput['load']>;

const LOADS: Readonly<Record<keyof typeof EXECUTORS, Load[number]>> = {
  'constant-vus': { executor: 'constant-vus', vus: 1, duration: '1s' },
  'ramping-vus': { executor: 'ramping-vus', stages: [{ duration: '1s', target: 2 }] },
  'per-vu-iterations': { executor: 'per-vu-iterations', iterations: 1 },
  'shared-iterations': { executor: 'shared-iterations', iterations: 1 },
  'constant-arrival-rate': { executor: 'constant-arrival-rate', rate: '1/s', duration: '1s' },
  'ramping-arrival-rate': { executor: 'ramping-arrival-rate', stages: [{ duration: '1s', target: '2/s' }] },
  trace: { executor: 'trace', file: './load-flags.test.ts' },
};

/** The loads of a scenario with flags, as they are resolved. */
async function withFlags(load: Load, flags: LoadFlags): Promise<readonly object[]> {
  const raw: ScenarioInput = { name: 'x', client: { module: './load-flags.test.ts' }, load };
  const { load: resolved } = await scenarioFrom(raw, import.meta.dirname, { overrides: loadOverrides(raw, flags) });
  return resolved;
}

describe('flags of the load', () => {
  it('change every load of the scenario', async () => {
    const load = [LOADS['constant-vus'], { ...LOADS['constant-vus'], name: 'other' }];
    expect(await withFlags(load, { vus: '7', duration: '2m' })).toMatchObject([
      { vus: 7, durationUs: 120e6 },
      { vus: 7, durationUs: 120e6, name: 'other' },
    ]);
  });

  it.each<[keyof typeof EXECUTORS, LoadFlags, object]>([
    ['constant-arrival-rate', { rate: '300/min', duration: '1h' }, { ratePerSecond: 5, durationUs: 3600e6 }],
    [
      'per-vu-iterations',
      { vus: '3', iterations: '4', duration: '1m' },
      { vus: 3, iterations: 4, maxDurationUs: 60e6 },
    ],
    ['shared-iterations', { iterations: '9' }, { iterations: 9 }],
  ])('of %s: as in k6', async (executor, flags, resolved) => {
    expect(await withFlags([LOADS[executor]], flags)).toMatchObject([resolved]);
  });

  it.each<[keyof typeof EXECUTORS, LoadFlags, string, string]>([
    ['constant-vus', { rate: '5/s' }, 'load[0] is constant-vus, which has no rate', 'it takes --vus, --duration'],
    ['constant-arrival-rate', { vus: '5' }, 'which has no vus', 'it takes --rate, --duration'],
    [
      'ramping-vus',
      { duration: '5m' },
      'which has no duration',
      "it has stages: --set 'load[0].stages[0].target=VALUE'",
    ],
  ])('that do not fit %s are refused, with those that do', async (executor, flags, message, hint) => {
    await expect(withFlags([LOADS[executor]], flags)).rejects.toMatchObject({
      code: 'cli/load-flag',
      problems: [{ message: expect.stringContaining(message), hint: expect.stringContaining(hint) }],
    });
  });

  it('with a wrong value are blamed themselves', async () => {
    await expect(withFlags([LOADS['constant-vus']], { vus: '0', duration: 'long' })).rejects.toMatchObject({
      code: 'scenario/invalid',
      problems: [{ path: expect.stringContaining('--vus 0') }, { path: expect.stringContaining('--duration long') }],
    });
  });

  it('every executor takes one, or has stages or a file', () => {
    for (const [name, load] of Object.entries(LOADS)) {
      const fit = (['rate', 'vus', 'duration', 'iterations'] as const).filter((flag) => {
        try {
          return loadOverrides({ load: [load] }, { [flag]: '1' }).length > 0;
        } catch {
          return false;
        }
      });
      expect(fit.length > 0, name).toBe(!name.startsWith('ramping') && name !== 'trace');
    }
  });
});
