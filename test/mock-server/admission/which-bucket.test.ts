import { describe, expect, it } from 'vitest';
import { chargeAll, decide } from '../../../mock-server/admission/admission.ts';
import { type BoundLimit, dropIdleBuckets } from '../../../mock-server/admission/buckets.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { bucket, cost, gate, limit, SUBJECT } from './gate.ts';

const S = 1_000_000;

describe('bucket selection', () => {
  it('shares an organization limit between keys, and separates a project limit by project', () => {
    const tested = gate([limit('org', bucket(3, 1)), limit('project', bucket(2, 1), { scope: ['project'] })]);
    const answers = ['a', 'a', 'a', 'b', 'b'].map((project) => tested.request(0, cost(1), { project }).admit);
    expect(answers).toEqual([true, true, false, true, false]);
  });

  it('shares a bucket between the models of a pool, and ignores other models', () => {
    const tested = gate([limit('pool', bucket(1, 1), { scope: ['model'], models: ['x', 'y'], pool: 'xy' })]);
    const answers = ['x', 'y', 'z', 'z'].map((model) => tested.request(0, cost(1), { model }).admit);
    expect(answers).toEqual([true, false, true, true]);
  });

  it('names buckets without revealing keys', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['key', 'model'] })]);
    tested.request(0, cost(1), { key: 'sk-secret' });
    expect(tested.request(0, cost(1), { key: 'sk-secret' }).admit).toBe(false);
    expect([...tested.buckets.byId.values()].map(({ label }) => label)).toEqual(['requests[key=#sk-secret,model=m]']);
  });

  it('uses one bucket for scope all, named after the limit only', () => {
    const tested = gate([limit('requests', bucket(2, 1), { scope: ['all'] })]);
    const answers = ['a', 'b', 'c'].map((key) => tested.request(0, cost(1), { key, organization: key, ip: key }).admit);
    expect(answers).toEqual([true, true, false]);
    expect(tested.remaining(0)).toEqual({ requests: 0 });
  });

  it('omits scope all from the name', () => {
    const tested = gate([limit('requests', bucket(2, 1), { scope: ['all', 'project'] })]);
    tested.request(0, cost(1));
    expect(tested.remaining(0)).toEqual({ 'requests[project=p]': 1 });
  });

  it('separates exact User-Agent values', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['user-agent'] })]);
    const agents = ['OpenAI/Python 1.0', 'OpenAI/Python 1.1', 'OpenAI/Python 1.0'];
    expect(agents.map((userAgent) => tested.request(0, cost(1), { userAgent }).admit)).toEqual([true, true, false]);
    expect(Object.keys(tested.remaining(0))[0]).toBe('requests[user-agent=OpenAI/Python 1.0]');
  });

  it('separates scope values that are equal when concatenated', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['organization', 'project'] })]);
    const subjects = [
      { organization: 'ab', project: 'c' },
      { organization: 'a', project: 'bc' },
      { organization: 'ab', project: 'c' },
    ];
    expect(subjects.map((subject) => tested.request(0, cost(1), subject).admit)).toEqual([true, true, false]);
  });
});

describe('scope ip', () => {
  const labelOf = (ip: string): string => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['ip'] })]);
    tested.request(0, cost(1), { ip });
    return Object.keys(tested.remaining(0))[0]!;
  };

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::3:4:5:6', '2001:db8:0:0::/64'],
    ['2001:db8::2:3:4:5:6', '2001:db8:0:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::2:3:4:5:6:7', '0:0:2:3::/64'],
  ])('counts %s as %s', (ip, network) => {
    expect(labelOf(ip)).toBe(`requests[ip=${network}]`);
  });

  it('counts all addresses of a /64 network as one', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['ip'] })]);
    const addresses = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:3::1'];
    expect(addresses.map((ip) => tested.request(0, cost(1), { ip }).admit)).toEqual([true, false, true]);
  });
});

describe('an idle bucket', () => {
  const perKey = (rule = limit('requests', bucket(1, 1), { scope: ['key'] })) => gate([rule]);
  const crowd = (tested: ReturnType<typeof gate>, count: number, nowUs: number): void => {
    for (let n = 0; n < count; n++) tested.request(nowUs, cost(1), { key: `crowd ${n}` });
  };

  it('is dropped after a flood of keys', () => {
    const tested = perKey();
    for (let n = 0; n < 5000; n++) tested.request(n * 2 * S, cost(1), { key: `k${n}` });
    expect(tested.buckets.byId.size).toBeLessThan(100);
  });

  it('is kept up to 64 buckets, and dropped two at a time beyond', () => {
    const tested = perKey();
    crowd(tested, 64, 0);
    dropIdleBuckets(tested.buckets, 60 * S);
    expect(tested.buckets.byId.size).toBe(64);
    crowd(tested, 70, 0);
    const sizes = [1, 2, 3, 4].map(() => {
      dropIdleBuckets(tested.buckets, 60 * S);
      return tested.buckets.byId.size;
    });
    expect(sizes).toEqual([68, 66, 64, 64]);
  });

  it('is not dropped before it is full again', () => {
    const tested = perKey(limit('requests', bucket(2, 1), { scope: ['key'] }));
    crowd(tested, 80, 0);
    for (let n = 0; n < 100; n++) dropIdleBuckets(tested.buckets, S - 1);
    expect(tested.buckets.byId.size).toBe(80);
    for (let n = 0; n < 100; n++) dropIdleBuckets(tested.buckets, S);
    expect(tested.buckets.byId.size).toBe(64);
  });

  it('is not dropped before its last promised slot', () => {
    const tested = perKey();
    crowd(tested, 66, 0);
    for (const one of tested.buckets.byId.values()) one.promisedUntilUs = 9 * S;
    for (let n = 0; n < 100; n++) dropIdleBuckets(tested.buckets, 9 * S - 1);
    expect(tested.buckets.byId.size).toBe(66);
    dropIdleBuckets(tested.buckets, 9 * S);
    expect(tested.buckets.byId.size).toBe(64);
  });

  it('is created again when its key returns', () => {
    const rule = limit('requests', bucket(1, 1), { scope: ['key'] });
    const bound: BoundLimit = { limit: rule, limiter: createLimiter(rule.spec) };
    const tested = perKey(rule);
    const subject = { ...SUBJECT, key: 'regular' };
    const send = (nowUs: number): boolean => {
      const admission = decide([bound], tested.buckets, subject, cost(1), nowUs);
      if (admission.admit) chargeAll(admission, nowUs, { id: 1, endsUs: nowUs });
      return admission.admit;
    };
    expect([send(0), send(0), send(S)]).toEqual([true, false, true]);
    crowd(tested, 200, 60 * S);
    for (let n = 0; n < 200; n++) dropIdleBuckets(tested.buckets, 60 * S);
    expect(tested.remaining(60 * S)).not.toHaveProperty(['requests[key=#regular]']);
    expect([send(60 * S), send(60 * S)]).toEqual([true, false]);
    expect(tested.remaining(60 * S)).toMatchObject({ 'requests[key=#regular]': 0 });
  });
});
