import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JUDGES } from '../../src/analysis/judging/judge-run.ts';
import { INNOCENTS } from './false-alarms.ts';
import { alarmsOf, judge, LOADS, POLICIES, scenarioOf } from './known-clients.ts';

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
 * What each client must be told under each load: verdicts that fail (for `synchronised-herd` and `no-jitter`: with a second
 * seed), then those that warn.
 */
const EXPECTED: Readonly<
  Record<string, readonly (readonly [failed: readonly string[], warned?: readonly string[]])[]>
> = {
  // under the limit, 1.5 times the limit, 1.5 times and told no wait, an outage of 60 s
  'no retries': [[[]], [[EARLY]], [[EARLY]], [['treats-overload-as-fatal']]],
  'ten retries at once': [
    [[IGNORES, ENDLESS, TOO_EARLY], [FIXED]],
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
  'for ever, 250 ms apart': [
    [[IGNORES]],
    [[IGNORES, AMPLIFIES, HERD, ENDLESS, FIXED, ALIKE]],
    [[AMPLIFIES, HERD, ENDLESS, FIXED, ALIKE]],
    [[IGNORES, AMPLIFIES, HERD, ENDLESS, FIXED, ALIKE]],
  ],
  'doubling from 0.5 s, no jitter': [
    [[IGNORES]],
    [[IGNORES, EARLY, ALIKE], [AMPLIFIES]],
    [[EARLY, ALIKE], [AMPLIFIES]],
    [[ALIKE], [IGNORES]],
  ],
  'doubling, full jitter': [
    [[IGNORES]],
    [[IGNORES, AMPLIFIES, EARLY], [TOO_EARLY]],
    [[AMPLIFIES, EARLY], [TOO_EARLY]],
    [[]],
  ],
  'doubling, equal jitter': [[[IGNORES]], [[IGNORES, AMPLIFIES, EARLY]], [[AMPLIFIES, EARLY]], [[]]],
  'decorrelated jitter': [[[IGNORES]], [[IGNORES, EARLY], [AMPLIFIES]], [[EARLY], [AMPLIFIES]], [[], [IGNORES]]],
  'Retry-After to the letter': [[[]], [[HERD, EARLY], [AMPLIFIES]], [[EARLY, ALIKE], [AMPLIFIES]], [[ALIKE]]],
  'Retry-After and jitter on top': [[[]], [[EARLY], [AMPLIFIES]], [[EARLY], [AMPLIFIES]], [[]]],
  'ten minutes between retries': [[[]], [['over-waits', UNUSED]], [['over-waits', UNUSED]], [[]]],
  'one queue at the rate of the quota': [[[]], [[]], [[]], [[]]],
};

it('the table has every client and every load', () => {
  expect(Object.keys(EXPECTED)).toEqual(Object.keys(POLICIES));
  for (const row of Object.values(EXPECTED)) expect(row).toHaveLength(Object.keys(LOADS).length);
});

it('every innocent is held by a test file', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /^innocent-.*\.test\.ts$/.test(name));
  const text = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('');
  const held = [...text.matchAll(/policy === '([^']+)'/g)].map(([, policy]) => policy!);
  expect(held.sort()).toEqual([...new Set(INNOCENTS.map(({ policy }) => policy))].sort());
});

describe.each(Object.keys(POLICIES))('%s', (policy) => {
  it.each(Object.keys(LOADS).map((load, index) => [load, index] as const))('%s', async (load, index) => {
    const [failed, warned = []] = EXPECTED[policy]![index]!;
    const alarms = alarmsOf(judge(await scenarioOf(load), POLICIES[policy]!, 1));
    expect(alarms).toEqual({ failed: inOrder(failed), warned: inOrder(warned) });
  });
});

function inOrder(ids: readonly string[]): string[] {
  return JUDGES.map(({ id }) => id).filter((id) => ids.includes(id));
}
