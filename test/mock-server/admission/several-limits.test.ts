import { describe, expect, it } from 'vitest';
import { chargeAll, chargeRejected, decide, settleAll } from '../../../mock-server/admission/admission.ts';
import type { BoundLimit, Buckets } from '../../../mock-server/admission/buckets.ts';
import type { Cost, Limit, Subject } from '../../../mock-server/admission/limit.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { nginxSpec, specOf, vectorsOf } from '../limiter/vectors.ts';

const S = 1_000_000;
const SUBJECT: Subject = {
  key: 'k',
  organization: 'o',
  project: 'p',
  model: 'm',
  userAgent: 'test',
  content: '',
  ip: '127.0.0.1',
};

function limit(name: string, spec: Limit['spec'], rest: Partial<Limit> = {}): Limit {
  return { name, scope: ['organization'], unit: 'requests', spec, chargeRejected: 'none', settle: 'none', ...rest };
}

const bucket = (capacity: number, perSecond: number): Limit['spec'] => ({
  algorithm: 'token-bucket',
  capacity,
  refill: { amount: perSecond, periodUs: S },
});

const cost = (requests: number, tokens = 0): Cost => ({
  requests,
  tokens,
  'input-tokens': tokens,
  'output-tokens': 0,
  images: 0,
  concurrent: 1,
});

/** A gate of limits and what it does with requests one after another. */
function gate(limits: readonly Limit[]) {
  const bound: BoundLimit[] = limits.map((one) => ({ limit: one, limiter: createLimiter(one.spec) }));
  const buckets: Buckets = { byId: new Map(), hashKey: (key) => `#${key}` };
  let id = 0;
  return {
    buckets,
    ask(nowUs: number, units: Cost, subject: Partial<Subject> = {}) {
      const admission = decide(bound, buckets, { ...SUBJECT, ...subject }, units, nowUs);
      id++;
      const open = admission.admit ? chargeAll(admission, nowUs, { id, endsUs: nowUs + S }) : [];
      if (!admission.admit) chargeRejected(admission, nowUs);
      return { ...admission, open, id };
    },
    remaining(nowUs: number): Record<string, number> {
      return Object.fromEntries(
        [...buckets.byId.values()].map(({ label, bound: { limiter }, state }) => [
          label,
          limiter.check(state, nowUs, 0).remaining,
        ]),
      );
    },
  };
}

describe('vectors of several limits: all or nothing, the longest wait reported', () => {
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
      const got = tested.ask(tMs * 1000, cost(rpm!, tpm!));
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

  it('key-rotation-against-org-limit: three keys get no more through than one', () => {
    const vector = vectorsOf('reference').find(({ name }) => name === 'key-rotation-against-org-limit')!;
    const tested = gate([
      limit('key', specOf('token_bucket', vector.params.key), { scope: ['key'] }),
      limit('org', specOf('token_bucket', vector.params.org)),
    ]);
    const admitted = vector.events.filter(({ tMs, key, expect: expected }) => {
      const got = tested.ask(tMs * 1000, cost(1), { key: key! });
      expect(got.admit, `at ${tMs}`).toBe(expected.admit);
      expect(got.reported?.bucket.bound.limit.name ?? null).toBe(expected.binding);
      return got.admit;
    });
    expect(admitted.length).toBe(10);
    expect(admitted.length).toBeLessThan(vector.events.length);
  });

  it('nginx-two-zones: nothing is charged to a zone when the other refuses', () => {
    const vector = vectorsOf('nginx').find(({ name }) => name.startsWith('nginx-two-zones'))!;
    const [key, all] = vector.params.limits;
    const tested = gate([
      limit('key', nginxSpec(key), { scope: ['key'] }),
      limit('all', nginxSpec(all), { scope: ['all'] }),
    ]);
    let denied = 0;
    for (const { tMs, key: who, expect: expected } of vector.events) {
      const got = tested.ask(tMs * 1000, cost(1), { key: who! });
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

describe('what is charged', () => {
  it('a refusal by tokens leaves the requests alone', () => {
    const tested = gate([limit('requests', bucket(5, 5)), limit('tokens', bucket(100, 1), { unit: 'tokens' })]);
    expect(tested.ask(0, cost(1, 100)).admit).toBe(true);
    const refused = tested.ask(0, cost(1, 60));
    expect(refused).toMatchObject({ admit: false, reported: { cost: 60, decision: { retryAfterUs: 60 * S } } });
    expect(tested.remaining(0)).toEqual({ 'requests[organization=o]': 4, 'tokens[organization=o]': 0 });
  });

  it('a cost above a limit can never pass, and that outranks any wait', () => {
    const tested = gate([limit('requests', bucket(1, 1)), limit('tokens', bucket(10, 1), { unit: 'tokens' })]);
    tested.ask(0, cost(1, 1));
    expect(tested.ask(0, cost(1, 11)).reported).toMatchObject({ cost: 11, decision: { retryAfterUs: Infinity } });
  });

  it.each([
    { chargeRejected: 'none', waitsS: [1, 1, 1] },
    { chargeRejected: 'requests', waitsS: [1, 2, 3] },
    { chargeRejected: 'all', waitsS: [1, 2, 3] },
  ] as const)(
    'chargeRejected $chargeRejected: three refusals at once are told $waitsS s',
    ({ chargeRejected, waitsS }) => {
      const tested = gate([limit('requests', bucket(3, 1), { chargeRejected })]);
      for (let n = 0; n < 3; n++) expect(tested.ask(0, cost(1)).admit).toBe(true);
      const told = waitsS.map(() => tested.ask(0, cost(1)).reported!.decision.retryAfterUs / S);
      expect(told).toEqual(waitsS);
    },
  );

  it('tokens of refused requests are charged only by `all`', () => {
    for (const chargeRejected of ['requests', 'all'] as const) {
      const tested = gate([limit('tokens', bucket(10, 1), { unit: 'tokens', chargeRejected })]);
      tested.ask(0, cost(1, 10));
      tested.ask(0, cost(1, 5));
      expect(tested.ask(0, cost(1, 5)).reported!.decision.retryAfterUs / S).toBe(chargeRejected === 'all' ? 10 : 5);
    }
  });

  it.each([
    { settle: 'none', leftAfter: 50 },
    { settle: 'refund', leftAfter: 90 },
    { settle: 'full', leftAfter: 90 },
  ] as const)('settle $settle: of 50 reserved 10 were used, $leftAfter of 100 are left', ({ settle, leftAfter }) => {
    const tested = gate([limit('tokens', bucket(100, 1), { unit: 'tokens', settle })]);
    const { open, id } = tested.ask(0, cost(1, 50));
    settleAll(open, id, cost(1, 10), 0);
    expect(tested.remaining(0)).toEqual({ 'tokens[organization=o]': leftAfter });
    expect(tested.ask(0, cost(1, leftAfter + 1)).admit).toBe(false);
  });

  it('an overrun is charged by `full` and forgiven by `refund`', () => {
    for (const [settle, left] of [
      ['full', 20],
      ['refund', 50],
    ] as const) {
      const tested = gate([limit('tokens', bucket(100, 1), { unit: 'tokens', settle })]);
      const { open, id } = tested.ask(0, cost(1, 50));
      settleAll(open, id, cost(1, 80), 0);
      expect(tested.remaining(0)).toEqual({ 'tokens[organization=o]': left });
    }
  });

  it('a concurrency limit is held until its reply has ended', () => {
    const tested = gate([limit('at once', { algorithm: 'concurrency', amount: 2 }, { unit: 'concurrent' })]);
    const first = tested.ask(0, cost(1));
    tested.ask(200_000, cost(1));
    expect(tested.ask(300_000, cost(1)).reported!.decision.retryAfterUs).toBe(700_000);
    settleAll(first.open, first.id, cost(1), 400_000);
    expect(tested.ask(400_000, cost(1)).admit).toBe(true);
  });
});

describe('which bucket', () => {
  it('keys share an organization, projects do not share a project’s limit', () => {
    const tested = gate([limit('org', bucket(3, 1)), limit('project', bucket(2, 1), { scope: ['project'] })]);
    const answers = ['a', 'a', 'a', 'b', 'b'].map((project) => tested.ask(0, cost(1), { project }).admit);
    expect(answers).toEqual([true, true, false, true, false]);
  });

  it('models of a pool share its bucket; others do not meet the limit', () => {
    const tested = gate([limit('pool', bucket(1, 1), { scope: ['model'], models: ['x', 'y'], pool: 'xy' })]);
    const answers = ['x', 'y', 'z', 'z'].map((model) => tested.ask(0, cost(1), { model }).admit);
    expect(answers).toEqual([true, false, true, true]);
  });

  it('names buckets without telling keys', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['key', 'model'] })]);
    tested.ask(0, cost(1), { key: 'sk-secret' });
    expect(tested.ask(0, cost(1), { key: 'sk-secret' }).admit).toBe(false);
    expect([...tested.buckets.byId.values()].map(({ label }) => label)).toEqual(['requests[key=#sk-secret,model=m]']);
  });

  it('a flood of keys is forgotten again', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['key'] })]);
    for (let n = 0; n < 5000; n++) tested.ask(n * 2 * S, cost(1), { key: `k${n}` });
    expect(tested.buckets.byId.size).toBeLessThan(100);
    expect(tested.ask(10_000 * S, cost(2), { key: 'k1' }).admit).toBe(false);
  });
});
