import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Failure, type Jitter, nextWaitUs, type RetryPolicy } from '../../../src/retry/policy.ts';
import { BARE, createModel } from '../../../src/retry/preset.ts';
import { PRESETS } from '../../../src/retry/presets.ts';

const S = 1_000_000;
const policy = (changes: Parameters<typeof createModel>[1]): RetryPolicy => createModel('test', changes).retries;
const REFUSED: Failure = { status: 429 };

/** Returns the waits before each retry in seconds, with every random draw equal to `draw`. */
function waits(retries: RetryPolicy, draw: number, failure: Failure = REFUSED): (number | null)[] {
  const list: (number | null)[] = [];
  let previousWaitUs = 0;
  for (let retry = 0; list.at(-1) !== null && retry < 6; retry++) {
    const us = nextWaitUs(retries, retry, failure, () => draw, previousWaitUs);
    list.push(us === null ? null : us / S);
    previousWaitUs = us ?? 0;
  }
  return list;
}

describe('waits before each retry, in seconds', () => {
  it.each<[string, Parameters<typeof createModel>[1], number, (number | null)[]]>([
    ['doubling from half a second', { max: 4 }, 0.5, [0.5, 1, 2, 4, null]],
    ['up to a cap', { max: 5, baseUs: S, capUs: 3 * S }, 0.5, [1, 2, 3, 3, 3, null]],
    ['full jitter', { max: 3, baseUs: S, jitter: { kind: 'full' } }, 0.25, [0.25, 0.5, 1, null]],
    ['equal jitter', { max: 3, baseUs: S, jitter: { kind: 'equal' } }, 0.5, [0.75, 1.5, 3, null]],
    [
      'decorrelated jitter',
      { max: 3, baseUs: S, capUs: 20 * S, jitter: { kind: 'decorrelated' } },
      0.5,
      [2, 3.5, 5.75, null],
    ],
    ['±20 %', { max: 2, baseUs: S, jitter: { kind: 'times', low: 0.8, high: 1.2 } }, 1, [1.2, 2.4, null]],
    ['plus up to 100 ms', { max: 2, baseUs: S, jitter: { kind: 'plus', mostUs: S / 10 } }, 1, [1.1, 2.1, null]],
    ['from 1 s', { max: 3, baseUs: S, jitter: { kind: 'from', leastUs: S } }, 0.5, [1, 1.5, 2.5, null]],
    ['none', {}, 0.5, [null]],
  ])('%s', (_, changes, draw, expected) => {
    expect(waits(policy(changes), draw)).toEqual(expected);
  });

  it('other statuses are not retried', () => {
    const retries = policy({ max: 1, statuses: [429, '5xx'], connection: false });
    const retried = [429, 503, 529, 400, 408, undefined].filter(
      (status) => nextWaitUs(retries, 0, { status }, () => 0, 0) !== null,
    );
    expect(retried).toEqual([429, 503, 529]);
  });
});

describe('Retry-After', () => {
  const WAIT_REQUESTED: Failure = { status: 429, seconds: 3, milliseconds: 2500 };
  it.each<[string, Parameters<typeof createModel>[1], Failure, number | null]>([
    ['ignored', {}, WAIT_REQUESTED, 0.5],
    ['seconds', { retryAfter: { reads: 'seconds' } }, WAIT_REQUESTED, 3],
    ['milliseconds first', { retryAfter: { reads: 'milliseconds' } }, WAIT_REQUESTED, 2.5],
    ['seconds if milliseconds are missing', { retryAfter: { reads: 'milliseconds' } }, { status: 429, seconds: 3 }, 3],
    ['not sent', { retryAfter: { reads: 'seconds' } }, REFUSED, 0.5],
    ['a floor below the own wait', { baseUs: 4 * S, retryAfter: { reads: 'seconds', as: 'floor' } }, WAIT_REQUESTED, 4],
    ['a floor above the own wait', { retryAfter: { reads: 'seconds', as: 'floor' } }, WAIT_REQUESTED, 3],
    [
      'a floor with jitter',
      { jitter: { kind: 'times', low: 1, high: 1.2 }, retryAfter: { reads: 'seconds', as: 'floor', jittered: true } },
      WAIT_REQUESTED,
      3.3,
    ],
    [
      'too long: the own wait',
      { retryAfter: { reads: 'seconds', longestUs: 2 * S, beyond: 'own' } },
      WAIT_REQUESTED,
      0.5,
    ],
    [
      'too long: no retry',
      { retryAfter: { reads: 'seconds', longestUs: 2 * S, beyond: 'stop' } },
      WAIT_REQUESTED,
      null,
    ],
    ['too long: clipped', { retryAfter: { reads: 'seconds', longestUs: 2 * S, beyond: 'clip' } }, WAIT_REQUESTED, 2],
  ])('%s', (_, changes, failure, expected) => {
    const us = nextWaitUs(policy({ max: 1, ...changes }), 0, failure, () => 0.5, 0);
    expect(us === null ? null : Math.round(us) / S).toBe(expected);
  });
});

it('every jitter stays within its bounds', () => {
  const kinds: Jitter[] = [
    { kind: 'full' },
    { kind: 'equal' },
    { kind: 'decorrelated' },
    { kind: 'times', low: 0.75, high: 1 },
    { kind: 'from', leastUs: S / 10 },
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.integer({ min: 0, max: 12 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      fc.integer({ min: 0, max: 60 * S }),
      (jitter, retry, draw, previousWaitUs) => {
        const retries = policy({ max: null, baseUs: S / 2, capUs: 8 * S, jitter });
        const us = nextWaitUs(retries, retry, REFUSED, () => draw, previousWaitUs)!;
        expect(us).toBeGreaterThanOrEqual(0);
        expect(us).toBeLessThanOrEqual(8 * S);
      },
    ),
  );
});

describe('presets', () => {
  it('have unique names, a source and a version', () => {
    expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
    for (const { name, about, source, version, model } of PRESETS) {
      expect([about, source, version].every((text) => text.length > 0)).toBe(true);
      expect(model.name).toBe(name);
    }
    expect(BARE.retries.max).toBe(0);
  });
});
