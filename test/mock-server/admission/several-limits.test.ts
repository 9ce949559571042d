import { describe, expect, it } from 'vitest';
import { settleAll } from '../../../mock-server/admission/admission.ts';
import type { Limit } from '../../../mock-server/admission/limit.ts';
import { nginxSpec, specOf, vectorsOf } from '../limiter/vectors.ts';
import { bucket, cost, gate, limit } from './gate.ts';

const S = 1_000_000;

describe('vectors of several limits: all must admit, and the longest wait is reported', () => {
  it('multi-rpm-tpm-rpd', () => {
    const vector = vectorsOf('reference').find(({ name }) => name === 'multi-rpm-tpm-rpd')!;
    const spec = (name: string) => specOf('token_bucket', vector.params[name]);
    const tested = gate([
      limit('rpm', spec('rpm')),
      limit('tpm', spec('tpm'), { unit: 'tokens' }),
      limit('rpd', spec('rpd')),
    ]);
    let denied = 0;
    for (const { tMs, cost: units, expect: expected } of vector.events) {
      const { rpm, tpm } = units as Record<string, number>;
      const got = tested.request(tMs * 1000, cost(rpm!, tpm!));
      if (!got.admit) denied++;
      expect({
        admit: got.admit,
        binding: got.reported?.bucket.bound.limit.name ?? null,
        retryAfterMs: waitMs(got.reported?.decision.retryAfterUs ?? 0),
      }).toEqual({ admit: expected.admit, binding: expected.binding, retryAfterMs: expected.retryAfterMs });
      const left = tested.remaining(tMs * 1000);
      expect(Object.values(left), `at ${tMs}`).toEqual(Object.values(expected.remaining as Record<string, number>));
    }
    expect(denied).toBeGreaterThan(0);
  });

  it('key-rotation-against-org-limit: three keys get no more requests admitted than one', () => {
    const vector = vectorsOf('reference').find(({ name }) => name === 'key-rotation-against-org-limit')!;
    const tested = gate([
      limit('key', specOf('token_bucket', vector.params.key), { scope: ['key'] }),
      limit('org', specOf('token_bucket', vector.params.org)),
    ]);
    const admitted = vector.events.filter(({ tMs, key, expect: expected }) => {
      const got = tested.request(tMs * 1000, cost(1), { key: key! });
      expect(got.admit, `at ${tMs}`).toBe(expected.admit);
      expect(got.reported?.bucket.bound.limit.name ?? null).toBe(expected.binding);
      return got.admit;
    });
    expect(admitted.length).toBe(10);
    expect(admitted.length).toBeLessThan(vector.events.length);
  });

  it('nginx-two-zones: a zone is not charged if the other refuses', () => {
    const vector = vectorsOf('nginx').find(({ name }) => name.startsWith('nginx-two-zones'))!;
    const [key, all] = vector.params.limits;
    const tested = gate([
      limit('key', nginxSpec(key), { scope: ['key'] }),
      limit('all', nginxSpec(all), { scope: ['all'] }),
    ]);
    let denied = 0;
    for (const { tMs, key: who, expect: expected } of vector.events) {
      const got = tested.request(tMs * 1000, cost(1), { key: who! });
      const blockedBy = got.checks
        .filter(({ decision }) => !decision.admit)
        .map(({ bucket: { bound } }) => bound.limit.name);
      expect({ admit: got.admit, blockedBy }, `at ${tMs}`).toEqual({
        admit: expected.admit,
        blockedBy: expected.blockedBy,
      });
      if (!got.admit) denied++;
    }
    expect(denied).toBeGreaterThan(0);
  });
});

function waitMs(us: number): number | null {
  return us === Infinity ? null : Math.ceil(us / 1000);
}

describe('charges', () => {
  it('a refusal by tokens does not charge requests', () => {
    const tested = gate([limit('requests', bucket(5, 5)), limit('tokens', bucket(100, 1), { unit: 'tokens' })]);
    expect(tested.request(0, cost(1, 100)).admit).toBe(true);
    const refused = tested.request(0, cost(1, 60));
    expect(refused).toMatchObject({ admit: false, reported: { cost: 60, decision: { retryAfterUs: 60 * S } } });
    expect(tested.remaining(0)).toEqual({ 'requests[organization=o]': 4, 'tokens[organization=o]': 0 });
  });

  it('a cost above the capacity can never pass, and outranks any wait', () => {
    const tested = gate([limit('requests', bucket(1, 1)), limit('tokens', bucket(10, 1), { unit: 'tokens' })]);
    tested.request(0, cost(1, 1));
    expect(tested.request(0, cost(1, 11)).reported).toMatchObject({ cost: 11, decision: { retryAfterUs: Infinity } });
  });

  it.each([
    { chargeRejected: 'none', waitsS: [1, 1, 1] },
    { chargeRejected: 'requests', waitsS: [1, 2, 3] },
    { chargeRejected: 'all', waitsS: [1, 2, 3] },
  ] as const)(
    'chargeRejected $chargeRejected: three refusals at once get waits of $waitsS s',
    ({ chargeRejected, waitsS }) => {
      const tested = gate([limit('requests', bucket(3, 1), { chargeRejected })]);
      for (let n = 0; n < 3; n++) expect(tested.request(0, cost(1)).admit).toBe(true);
      const waits = waitsS.map(() => tested.request(0, cost(1)).reported!.decision.retryAfterUs / S);
      expect(waits).toEqual(waitsS);
    },
  );

  it('only `all` charges the tokens of refused requests', () => {
    for (const chargeRejected of ['requests', 'all'] as const) {
      const tested = gate([limit('tokens', bucket(10, 1), { unit: 'tokens', chargeRejected })]);
      tested.request(0, cost(1, 10));
      tested.request(0, cost(1, 5));
      expect(tested.request(0, cost(1, 5)).reported!.decision.retryAfterUs / S).toBe(chargeRejected === 'all' ? 10 : 5);
    }
  });

  it.each([
    { settle: 'none', leftAfter: 50 },
    { settle: 'refund', leftAfter: 90 },
    { settle: 'full', leftAfter: 90 },
  ] as const)('settle $settle: of 50 reserved 10 were used, $leftAfter of 100 are left', ({ settle, leftAfter }) => {
    const tested = gate([limit('tokens', bucket(100, 1), { unit: 'tokens', settle })]);
    const { open, id } = tested.request(0, cost(1, 50));
    settleAll(open, id, cost(1, 10), 0);
    expect(tested.remaining(0)).toEqual({ 'tokens[organization=o]': leftAfter });
    expect(tested.request(0, cost(1, leftAfter + 1)).admit).toBe(false);
  });

  it('`full` charges an overrun, `refund` does not', () => {
    for (const [settle, left] of [
      ['full', 20],
      ['refund', 50],
    ] as const) {
      const tested = gate([limit('tokens', bucket(100, 1), { unit: 'tokens', settle })]);
      const { open, id } = tested.request(0, cost(1, 50));
      settleAll(open, id, cost(1, 80), 0);
      expect(tested.remaining(0)).toEqual({ 'tokens[organization=o]': left });
    }
  });

  it('a concurrency limit is held until the reply has ended', () => {
    const tested = gate([limit('at once', { algorithm: 'concurrency', amount: 2 }, { unit: 'concurrent' })]);
    const first = tested.request(0, cost(1));
    tested.request(200_000, cost(1));
    expect(tested.request(300_000, cost(1)).reported!.decision.retryAfterUs).toBe(700_000);
    settleAll(first.open, first.id, cost(1), 400_000);
    expect(tested.request(400_000, cost(1)).admit).toBe(true);
  });

  it('a limit on a unit without cost does not apply and creates no bucket', () => {
    const tested = gate([limit('pictures', bucket(1, 1), { unit: 'images' }), limit('requests', bucket(5, 1))]);
    const got = tested.request(0, cost(1, 10));
    expect(got.checks.map(({ bucket: { label } }) => label)).toEqual(['requests[organization=o]']);
    expect(tested.remaining(0)).toEqual({ 'requests[organization=o]': 4 });
  });

  it('a request is delayed by the slowest queue', () => {
    const queue = (intervalUs: number): Limit['spec'] => ({ algorithm: 'leaky-queue', intervalUs, maxQueue: 9 });
    const tested = gate([limit('slow', queue(300_000)), limit('quick', queue(100_000))]);
    expect([0, 0, 0].map((nowUs) => tested.request(nowUs, cost(1)).delayUs)).toEqual([0, 300_000, 600_000]);
  });

  it('a refused request is not delayed', () => {
    const queue = { algorithm: 'leaky-queue', intervalUs: S, maxQueue: 9 } as const;
    const tested = gate([limit('queue', queue), limit('requests', bucket(2, 1))]);
    expect(
      [0, 0, 0].map((nowUs) => tested.request(nowUs, cost(1))).map(({ admit, delayUs }) => [admit, delayUs]),
    ).toEqual([
      [true, 0],
      [true, S],
      [false, 0],
    ]);
  });

  it('on equal waits, the limit on requests is reported, else the first in the list', () => {
    const tokens = (name: string) => limit(name, bucket(10, 10), { unit: 'tokens' });
    const requests = (name: string) => limit(name, bucket(1, 1));
    const reported = (limits: readonly Limit[]) => {
      const tested = gate(limits);
      expect(tested.request(0, cost(1, 10)).admit).toBe(true);
      const refused = tested.request(0, cost(1, 10));
      expect(refused.checks.map(({ decision }) => decision.retryAfterUs)).toEqual(limits.map(() => S));
      return refused.reported!.bucket.bound.limit.name;
    };
    expect(reported([tokens('t'), requests('r')])).toBe('r');
    expect(reported([requests('r'), tokens('t')])).toBe('r');
    expect(reported([requests('r1'), requests('r2')])).toBe('r1');
    expect(reported([tokens('t1'), tokens('t2')])).toBe('t1');
  });

  it('a longer wait is reported, whatever its unit and position', () => {
    const slow = limit('t', bucket(10, 1), { unit: 'tokens' });
    for (const limits of [
      [slow, limit('r', bucket(1, 1))],
      [limit('r', bucket(1, 1)), slow],
    ]) {
      const tested = gate(limits);
      tested.request(0, cost(1, 10));
      expect(tested.request(0, cost(1, 10)).reported).toMatchObject({ cost: 10, decision: { retryAfterUs: 10 * S } });
    }
  });

  it.each([
    ['tokens', 'full', 90],
    ['input-tokens', 'full', 90],
    ['output-tokens', 'full', 90],
    ['tokens', undefined, 50],
    ['input-tokens', 'none', 50],
    ['images', 'full', 50],
    ['requests', 'full', 50],
  ] as const)('of 50 %s reserved 10 were used, settled %s: %d of 100 are left', (unit, settle, left) => {
    const rule = { ...limit('l', bucket(100, 1), { unit }), settle };
    const { settle: _, ...unset } = rule;
    const tested = gate([settle === undefined ? unset : { ...rule, settle }]);
    const none = { ...cost(0), concurrent: 0 };
    const { open, id } = tested.request(0, { ...none, [unit]: 50 });
    expect(open.map(({ charged }) => charged)).toEqual(left === 90 ? [50] : []);
    settleAll(open, id, { ...none, [unit]: 10 }, 0);
    expect(Object.values(tested.remaining(0))).toEqual([left]);
  });

  it('a refused request holds no concurrency, even if refusals are charged', () => {
    const places = limit(
      'at once',
      { algorithm: 'concurrency', amount: 1 },
      { unit: 'concurrent', chargeRejected: 'all' },
    );
    const tested = gate([places]);
    const first = tested.request(0, cost(1));
    expect([tested.request(0, cost(1)).admit, tested.request(0, cost(1)).admit]).toEqual([false, false]);
    settleAll(first.open, first.id, cost(1), S);
    expect(tested.request(S, cost(1)).admit).toBe(true);
  });
});
