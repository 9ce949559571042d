import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { Decision, Limiter } from '../../../mock-server/limiter/limiter.ts';
import { type Expected, inVectorTerms, nginxSpec, specOf, type Vector, vectorsOf } from './vectors.ts';

/** Plays a vector on one limiter: check, then charge if admitted, or in either case where denied requests count. */
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
    if (decision.admit || vector.params.countDenied) {
      const hold = holdMs === undefined ? undefined : { id: index, endsUs: nowUs + holdMs * 1000 };
      if (hold) releases.push({ atUs: hold.endsUs, id: hold.id });
      state = limiter.charge(state, nowUs, units, hold);
    }
    return decision;
  });
}

/** What a vector says of a decision; a denied request that counts anyway is described after it was counted. */
function expectAsVector(
  decisions: readonly Decision[],
  vector: Vector,
  ignore: readonly (keyof Expected)[] = [],
): void {
  for (const [index, { tMs, cost, expect: expected }] of vector.events.entries()) {
    const got = inVectorTerms(decisions[index]!);
    const filmed = Object.fromEntries(
      (['admit', 'remaining', 'retryAfterMs', 'resetMs', 'delayMs'] as const)
        .filter((field) => expected[field] !== undefined && !ignore.includes(field))
        .map((field) => [field, [got[field], expected[field]]]),
    );
    for (const [field, [actual, wanted]] of Object.entries(filmed)) {
      expect(actual, `${vector.name}[${index}] at ${tMs} ms, cost ${JSON.stringify(cost)}: ${field}`).toEqual(wanted);
    }
  }
  if (vector.events.some(({ expect: { admit } }) => !admit)) {
    expect(decisions.filter(({ admit }) => !admit).length, `${vector.name} denied`).toBeGreaterThan(0);
  }
}

const single = (vector: Vector): boolean => vector.limiter !== 'multi' && vector.params.limits === undefined;

describe('reference vectors', () => {
  it.each(vectorsOf('reference').filter(single))('$name', (vector) => {
    const decisions = play(vector, createLimiter(specOf(vector.limiter, vector.params)));
    // Where denied requests count, the vector tells what is left, and until when, after counting.
    expectAsVector(decisions, vector, vector.params.countDenied ? ['remaining', 'resetMs', 'retryAfterMs'] : []);
  });
});

describe('nginx vectors: the integer model, which equals real nginx on every event', () => {
  it.each(vectorsOf('nginx').filter(single))('$name', (vector) => {
    expectAsVector(play(vector, createLimiter(specOf(vector.limiter, vector.params))), vector);
  });
});
