import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Failure, type Jitter, nextWaitUs, type RetryPolicy } from '../../../src/retry/policy.ts';
import { BARE, modelOf } from '../../../src/retry/preset.ts';
import { PRESETS } from '../../../src/retry/presets.ts';

const S = 1_000_000;
const policy = (changes: Parameters<typeof modelOf>[1]): RetryPolicy => modelOf('test', changes).retries;
const REFUSED: Failure = { status: 429 };

/** The waits before each retry, in seconds, for draws that are all the same. */
function waits(retries: RetryPolicy, draw: number, failure: Failure = REFUSED): (number | null)[] {
  const list: (number | null)[] = [];
  let beforeUs = 0;
  for (let retry = 0; list.at(-1) !== null && retry < 6; retry++) {
    const us = nextWaitUs(retries, retry, failure, () => draw, beforeUs);
    list.push(us === null ? null : us / S);
    beforeUs = us ?? 0;
  }
  return list;
}

describe('the wait before each retry, in seconds', () => {
  it.each<[string, Parameters<typeof modelOf>[1], number, (number | null)[]]>([
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
    ['and up to 100 ms', { max: 2, baseUs: S, jitter: { kind: 'plus', mostUs: S / 10 } }, 1, [1.1, 2.1, null]],
    ['from a second on', { max: 3, baseUs: S, jitter: { kind: 'from', leastUs: S } }, 0.5, [1, 1.5, 2.5, null]],
    ['none', {}, 0.5, [null]],
  ])('%s', (_, changes, draw, expected) => {
    expect(waits(policy(changes), draw)).toEqual(expected);
  });

  it('what is not in the list is not tried again', () => {
    const retries = policy({ max: 1, statuses: [429, '5xx'], connection: false });
    const tried = [429, 503, 529, 400, 408, undefined].filter(
      (status) => nextWaitUs(retries, 0, { status }, () => 0, 0) !== null,
    );
    expect(tried).toEqual([429, 503, 529]);
  });
});

describe('told to wait', () => {
  const TOLD: Failure = { status: 429, seconds: 3, milliseconds: 2500 };
  it.each<[string, Parameters<typeof modelOf>[1], Failure, number | null]>([
    ['nothing is read', {}, TOLD, 0.5],
    ['seconds are', { retryAfter: { reads: 'seconds' } }, TOLD, 3],
    ['milliseconds first', { retryAfter: { reads: 'milliseconds' } }, TOLD, 2.5],
    [
      'seconds where there are no milliseconds',
      { retryAfter: { reads: 'milliseconds' } },
      { status: 429, seconds: 3 },
      3,
    ],
    ['nothing was told', { retryAfter: { reads: 'seconds' } }, REFUSED, 0.5],
    ['a floor, the own wait is longer', { baseUs: 4 * S, retryAfter: { reads: 'seconds', as: 'floor' } }, TOLD, 4],
    ['a floor, the own wait is shorter', { retryAfter: { reads: 'seconds', as: 'floor' } }, TOLD, 3],
    [
      'a floor with jitter on top',
      { jitter: { kind: 'times', low: 1, high: 1.2 }, retryAfter: { reads: 'seconds', as: 'floor', jittered: true } },
      TOLD,
      3.3,
    ],
    ['too long: the own wait', { retryAfter: { reads: 'seconds', longestUs: 2 * S, beyond: 'own' } }, TOLD, 0.5],
    ['too long: no wait at all', { retryAfter: { reads: 'seconds', longestUs: 2 * S, beyond: 'stop' } }, TOLD, null],
    ['too long: cut', { retryAfter: { reads: 'seconds', longestUs: 2 * S, beyond: 'clip' } }, TOLD, 2],
  ])('%s', (_, changes, failure, expected) => {
    const us = nextWaitUs(policy({ max: 1, ...changes }), 0, failure, () => 0.5, 0);
    expect(us === null ? null : Math.round(us) / S).toBe(expected);
  });
});

it('no jitter leaves its bounds, whatever is drawn', () => {
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
      (jitter, retry, draw, beforeUs) => {
        const retries = policy({ max: null, baseUs: S / 2, capUs: 8 * S, jitter });
        const us = nextWaitUs(retries, retry, REFUSED, () => draw, beforeUs)!;
        expect(us).toBeGreaterThanOrEqual(0);
        expect(us).toBeLessThanOrEqual(8 * S);
      },
    ),
  );
});

describe('presets', () => {
  it('have names of their own, a source and a version', () => {
    expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
    for (const { name, about, source, version, model } of PRESETS) {
      expect([about, source, version].every((text) => text.length > 0)).toBe(true);
      expect(model.name).toBe(name);
    }
    expect(BARE.retries.max).toBe(0);
  });
});
