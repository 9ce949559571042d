import { chargeAll, chargeRejected, decide } from '../../../mock-server/admission/admission.ts';
import type { BoundLimit, Buckets } from '../../../mock-server/admission/buckets.ts';
import type { Cost, Limit, Subject } from '../../../mock-server/admission/limit.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

const S = 1_000_000;
export const SUBJECT: Subject = {
  key: 'k',
  organization: 'o',
  project: 'p',
  model: 'm',
  userAgent: 'test',
  content: '',
  ip: '127.0.0.1',
};

export function limit(name: string, spec: Limit['spec'], rest: Partial<Limit> = {}): Limit {
  return { name, scope: ['organization'], unit: 'requests', spec, chargeRejected: 'none', settle: 'none', ...rest };
}

export const bucket = (capacity: number, perSecond: number): Limit['spec'] => ({
  algorithm: 'token-bucket',
  capacity,
  refill: { amount: perSecond, periodUs: S },
});

export const cost = (requests: number, tokens = 0): Cost => ({
  requests,
  tokens,
  'input-tokens': tokens,
  'output-tokens': 0,
  images: 0,
  concurrent: 1,
});

/** A set of limits that admits or refuses requests in sequence. */
export function gate(limits: readonly Limit[]) {
  const bound: BoundLimit[] = limits.map((one) => ({ limit: one, limiter: createLimiter(one.spec) }));
  const buckets: Buckets = { byId: new Map(), hashKey: (key) => `#${key}` };
  let id = 0;
  return {
    buckets,
    request(nowUs: number, units: Cost, subject: Partial<Subject> = {}) {
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
