import { describe, expect, it } from 'vitest';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { Decision, Limiter } from '../../../mock-server/limiter/limiter.ts';
import { type Expected, inVectorTerms, specOf, type Vector, vectorsOf } from './vectors.ts';

/** Runs a vector on a limiter: check, then charge if admitted, or in any case if the vector counts denied requests. */
function play(vector: Vector, limiter: Limiter): Decision[] {
  let state = limiter.initial(vector.events[0]!.tMs * 1000);
  let releases: { atUs: number; id: number }[] = [];
  return vector.events.map(({ tMs, cost, holdMs }, index) => {
    const nowUs = tMs * 1000;
    const units = cost as number;
    for (const { id } of releases.filter(({ atUs }) => atUs <= nowUs)) {
      state = limiter.settle(state, nowUs, { id, chargedAtUs: 0, charged: 1, actual: 0 });
    }
    releases = releases.filter(({ atUs }) => atUs > nowUs);
    const decision = limiter.check(state, nowUs, units);
    if (!decision.admit && vector.params.countDenied) {
      // If denied requests count, the vector states what remains after counting this one.
      state = limiter.charge(state, nowUs, units);
      return { ...decision, remaining: limiter.check(state, nowUs, 0).remaining };
    }
    if (decision.admit) {
      const hold = holdMs === undefined ? undefined : { id: index, endsUs: nowUs + holdMs * 1000 };
      if (hold) releases.push({ atUs: hold.endsUs, id: hold.id });
      state = limiter.charge(state, nowUs, units, hold);
    }
    return decision;
  });
}

/** Compares decisions with a vector. */
function expectAsVector(
  decisions: readonly Decision[],
  vector: Vector,
  ignore: readonly (keyof Expected)[] = [],
): void {
  for (const [index, { tMs, cost, expect: expected }] of vector.events.entries()) {
    const got = inVectorTerms(decisions[index]!);
    const compared = Object.fromEntries(
      (['admit', 'remaining', 'retryAfterMs', 'resetMs', 'delayMs'] as const)
        .filter((field) => expected[field] !== undefined && !ignore.includes(field))
        .map((field) => [field, [got[field], expected[field]]]),
    );
    for (const [field, [actual, value]] of Object.entries(compared)) {
      expect(actual, `${vector.name}[${index}] at ${tMs} ms, cost ${JSON.stringify(cost)}: ${field}`).toEqual(value);
    }
  }
  if (vector.events.some(({ expect: { admit } }) => !admit)) {
    expect(decisions.filter(({ admit }) => !admit).length, `${vector.name} denied`).toBeGreaterThan(0);
  }
}

const single = (vector: Vector): boolean => vector.limiter !== 'multi' && vector.params.limits === undefined;

describe('reference vectors', () => {
  it.each(vectorsOf('reference').filter(single))('$name', (vector) => {
    expectAsVector(play(vector, createLimiter(specOf(vector.limiter, vector.params))), vector);
  });
});

describe('nginx vectors: the integer model, equal to real nginx on every event', () => {
  it.each(vectorsOf('nginx').filter(single))('$name', (vector) => {
    expectAsVector(play(vector, createLimiter(specOf(vector.limiter, vector.params))), vector);
  });
});

/** Converts the limiter of a package to an `AlgorithmSpec`. */
const PACKAGES: Readonly<Record<string, (params: Vector['params']) => AlgorithmSpec>> = {
  'rlf-memory': ({ points, durationS }) => ({
    algorithm: 'fixed-window',
    amount: points,
    windowUs: durationS * 1_000_000,
    anchor: 'first-request',
  }),
  TokenBucket: ({ bucketSize, tokensPerInterval, intervalMs }) => ({
    algorithm: 'token-bucket',
    capacity: bucketSize,
    refill: { amount: tokensPerInterval, periodUs: intervalMs * 1000 },
    initial: 0,
  }),
};

/** Package behavior that no provider limit has, and that is not supported. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  'rlf-block-duration': 'blocks a refused client for longer than its window',
  'limiter-ratelimiter-window-and-bucket': 'combines bucket and window in one limiter; here, these are two limits',
  'bottleneck-mintime': 'a client-side queue that never refuses',
  'bottleneck-reservoir-refresh': 'a client-side queue that never refuses',
  'bottleneck-reservoir-increase': 'a client-side queue that never refuses',
  'bottleneck-highwater-overflow': 'a client-side queue that drops jobs',
};

describe('npm packages', () => {
  const vectors = vectorsOf('npm-packages');
  const named = (name: string): Vector => vectors.find((vector) => vector.name === name)!;
  const ours = (name: string, countDenied: boolean): Decision[] => {
    const vector = named(name);
    const params = { ...vector.params, countDenied };
    return play({ ...vector, params }, createLimiter(PACKAGES[vector.limiter]!(vector.params)));
  };

  it.each(['rlf-fixed-window-from-first', 'rlf-denied-attempts-count', 'rlf-24day-limits'])('%s', (name) => {
    expectAsVector(ours(name, true), named(name));
  });

  it('limiter-tokenbucket-starts-empty: equal except for its float waits, which are 1 ms too long', () => {
    const decisions = ours('limiter-tokenbucket-starts-empty', false);
    expectAsVector(decisions, named('limiter-tokenbucket-starts-empty'), ['retryAfterMs', 'remaining']);
    const waits = decisions.map((decision) => inVectorTerms(decision).retryAfterMs);
    expect(waits).toEqual([200, 1, 0, 0, 200, 1, 0, null]);
  });

  it('rlf-month-never-limits: limits from the third request on', () => {
    expect(named('rlf-month-never-limits').events.every(({ expect: { admit } }) => admit)).toBe(true);
    expect(ours('rlf-month-never-limits', true).map(({ admit }) => admit)).toEqual([true, true, false, false, false]);
  });

  it('every other vector is unsupported', () => {
    const followed = ['rlf-fixed-window-from-first', 'rlf-denied-attempts-count', 'rlf-24day-limits'];
    const shown = ['limiter-tokenbucket-starts-empty', 'rlf-month-never-limits'];
    expect(vectors.map(({ name }) => name).sort()).toEqual([...followed, ...shown, ...Object.keys(UNSUPPORTED)].sort());
  });
});

describe('provider messages: the wait of a real 429 follows from a continuous bucket', () => {
  it.each(vectorsOf('provider-messages'))('$name', (vector) => {
    const [decision] = play(vector, createLimiter(specOf(vector.limiter, vector.params)));
    const [{ expect: expected, observed }] = vector.events as [Vector['events'][number]];
    expect(inVectorTerms(decision!)).toMatchObject({ admit: false, retryAfterMs: expected.retryAfterMs });
    // One message of the 25 was computed from a fractional level and printed a rounded `Used` (`limits.md` 0.1).
    const floorMs = Math.floor(decision!.retryAfterUs / 1000) - (vector.name === 'provider-tpm-10000-9524-497' ? 1 : 0);
    expect(floorMs).toBe(observed!.toldMs);
  });
});
