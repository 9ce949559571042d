import { describe, expect, it } from 'vitest';
import { JUDGES } from '../../src/analysis/judging/judge-run.ts';
import { failedAndWarned, judge, KNOWN_CLIENTS, LOADS, loadScenarioFor } from './known-clients.ts';

const AMPLIFIES = 'amplifies-load';
const HERD = 'synchronised-herd';
const EARLY = 'gives-up-early';
const IGNORES = 'ignores-retry-after';
const ENDLESS = 'unbounded-retries';
const TOO_EARLY = 'retries-too-early';
const FIXED = 'fixed-interval';
const ALIKE = 'no-jitter';
const UNUSED = 'leaves-quota-unused';

/**
 * Expected verdicts of each client under each load: those that fail (`synchronised-herd` and `no-jitter`: with a second
 * seed), then those that warn.
 */
const EXPECTED: Readonly<
  Record<string, readonly (readonly [failed: readonly string[], warned?: readonly string[]])[]>
> = {
  // under the limit, 1.5 times the limit, 1.5 times the limit without Retry-After, a 60 s outage
  'no retries': [[[], [EARLY]], [[EARLY]], [[EARLY]], [['treats-overload-as-fatal']]],
  'ten immediate retries': [
    [[IGNORES, ENDLESS, TOO_EARLY, FIXED], [EARLY]],
    [[IGNORES, AMPLIFIES, HERD, EARLY, ENDLESS, TOO_EARLY, FIXED, ALIKE]],
    [[AMPLIFIES, HERD, EARLY, ENDLESS, TOO_EARLY, FIXED, ALIKE]],
    [[AMPLIFIES, ENDLESS, FIXED, ALIKE]],
  ],
  'ten retries, 1 s apart': [
    [[]],
    [[AMPLIFIES, HERD, EARLY, ENDLESS]],
    [[AMPLIFIES, HERD, EARLY, ENDLESS, FIXED, ALIKE]],
    [[AMPLIFIES, ENDLESS, FIXED, ALIKE]],
  ],
  'forever, 250 ms apart': [
    [[IGNORES, FIXED]],
    [[IGNORES, AMPLIFIES, HERD, ENDLESS, FIXED, ALIKE]],
    [[AMPLIFIES, HERD, ENDLESS, FIXED, ALIKE]],
    [[IGNORES, AMPLIFIES, HERD, ENDLESS, FIXED, ALIKE]],
  ],
  'doubling from 0.5 s, no jitter': [
    [[IGNORES]],
    [[IGNORES, EARLY, ALIKE], [AMPLIFIES]],
    [[EARLY, ALIKE], [AMPLIFIES]],
    [[IGNORES, ALIKE]],
  ],
  'doubling, full jitter': [
    [[IGNORES]],
    [[IGNORES, AMPLIFIES, EARLY], [TOO_EARLY]],
    [[AMPLIFIES, EARLY], [TOO_EARLY]],
    [[]],
  ],
  'doubling, equal jitter': [[[IGNORES]], [[IGNORES, AMPLIFIES, EARLY]], [[AMPLIFIES, EARLY]], [[]]],
  'decorrelated jitter': [[[IGNORES]], [[IGNORES, EARLY], [AMPLIFIES]], [[EARLY], [AMPLIFIES]], [[IGNORES]]],
  'Retry-After without jitter': [[[]], [[HERD, EARLY], [AMPLIFIES]], [[EARLY, ALIKE], [AMPLIFIES]], [[ALIKE]]],
  'Retry-After plus jitter': [[[]], [[EARLY], [AMPLIFIES]], [[EARLY], [AMPLIFIES]], [[]]],
  'ten minutes between retries': [[['over-waits']], [['over-waits', UNUSED]], [['over-waits', UNUSED]], [[]]],
  'one queue paced at the quota rate': [[[]], [[]], [[]], [[]]],
};

it('the table covers every client and every load', () => {
  expect(Object.keys(EXPECTED)).toEqual(Object.keys(KNOWN_CLIENTS));
  for (const row of Object.values(EXPECTED)) expect(row).toHaveLength(Object.keys(LOADS).length);
});

describe.each(Object.keys(KNOWN_CLIENTS))('%s', (policy) => {
  it.each(Object.keys(LOADS).map((load, index) => [load, index] as const))('%s', async (load, index) => {
    const [failed, warned = []] = EXPECTED[policy]![index]!;
    const alarms = failedAndWarned(judge(await loadScenarioFor(load), KNOWN_CLIENTS[policy]!, 1));
    expect(alarms).toEqual({ failed: inOrder(failed), warned: inOrder(warned) });
  });
});

function inOrder(ids: readonly string[]): string[] {
  return JUDGES.map(({ id }) => id).filter((id) => ids.includes(id));
}
