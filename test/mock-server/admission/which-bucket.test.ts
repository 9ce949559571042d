import { describe, expect, it } from 'vitest';
import { chargeAll, decide } from '../../../mock-server/admission/admission.ts';
import { type BoundLimit, forgetIdle } from '../../../mock-server/admission/buckets.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { bucket, cost, gate, limit, SUBJECT } from './gate.ts';

const S = 1_000_000;

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

  it('a limit for everybody has one bucket, and its name says no more than that', () => {
    const tested = gate([limit('requests', bucket(2, 1), { scope: ['all'] })]);
    const answers = ['a', 'b', 'c'].map((key) => tested.ask(0, cost(1), { key, organization: key, ip: key }).admit);
    expect(answers).toEqual([true, true, false]);
    expect(tested.remaining(0)).toEqual({ requests: 0 });
  });

  it('a part that is the same for everybody is left out of the name', () => {
    const tested = gate([limit('requests', bucket(2, 1), { scope: ['all', 'project'] })]);
    tested.ask(0, cost(1));
    expect(tested.remaining(0)).toEqual({ 'requests[project=p]': 1 });
  });

  it('programs are told apart by their User-Agent, word for word', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['user-agent'] })]);
    const agents = ['OpenAI/Python 1.0', 'OpenAI/Python 1.1', 'OpenAI/Python 1.0'];
    expect(agents.map((userAgent) => tested.ask(0, cost(1), { userAgent }).admit)).toEqual([true, true, false]);
    expect(Object.keys(tested.remaining(0))[0]).toBe('requests[user-agent=OpenAI/Python 1.0]');
  });

  it('values that read the same when put together are not the same', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['organization', 'project'] })]);
    const asked = [
      { organization: 'ab', project: 'c' },
      { organization: 'a', project: 'bc' },
      { organization: 'ab', project: 'c' },
    ];
    expect(asked.map((subject) => tested.ask(0, cost(1), subject).admit)).toEqual([true, true, false]);
  });
});

describe('an address', () => {
  const labelOf = (ip: string): string => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['ip'] })]);
    tested.ask(0, cost(1), { ip });
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
  ])('%s counts as %s', (ip, network) => {
    expect(labelOf(ip)).toBe(`requests[ip=${network}]`);
  });

  it('a household with a whole network of addresses gets through once', () => {
    const tested = gate([limit('requests', bucket(1, 1), { scope: ['ip'] })]);
    const addresses = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:3::1'];
    expect(addresses.map((ip) => tested.ask(0, cost(1), { ip }).admit)).toEqual([true, false, true]);
  });
});

describe('a bucket that nobody needs any more', () => {
  const perKey = (maker = limit('requests', bucket(1, 1), { scope: ['key'] })) => gate([maker]);
  const crowd = (tested: ReturnType<typeof gate>, count: number, nowUs: number): void => {
    for (let n = 0; n < count; n++) tested.ask(nowUs, cost(1), { key: `crowd ${n}` });
  };

  it('a flood of keys is forgotten again', () => {
    const tested = perKey();
    for (let n = 0; n < 5000; n++) tested.ask(n * 2 * S, cost(1), { key: `k${n}` });
    expect(tested.buckets.byId.size).toBeLessThan(100);
  });

  it('is kept while there are no more than 64, and is dropped two at a time beyond', () => {
    const tested = perKey();
    crowd(tested, 64, 0);
    forgetIdle(tested.buckets, 60 * S);
    expect(tested.buckets.byId.size).toBe(64);
    crowd(tested, 70, 0);
    const sizes = [1, 2, 3, 4].map(() => {
      forgetIdle(tested.buckets, 60 * S);
      return tested.buckets.byId.size;
    });
    expect(sizes).toEqual([68, 66, 64, 64]);
  });

  it('is not dropped while it is owed anything', () => {
    const tested = perKey(limit('requests', bucket(2, 1), { scope: ['key'] }));
    crowd(tested, 80, 0);
    for (let n = 0; n < 100; n++) forgetIdle(tested.buckets, S - 1);
    expect(tested.buckets.byId.size).toBe(80);
    for (let n = 0; n < 100; n++) forgetIdle(tested.buckets, S);
    expect(tested.buckets.byId.size).toBe(64);
  });

  it('is not dropped before the last place that it has promised', () => {
    const tested = perKey();
    crowd(tested, 66, 0);
    for (const one of tested.buckets.byId.values()) one.promisedUntilUs = 9 * S;
    for (let n = 0; n < 100; n++) forgetIdle(tested.buckets, 9 * S - 1);
    expect(tested.buckets.byId.size).toBe(66);
    forgetIdle(tested.buckets, 9 * S);
    expect(tested.buckets.byId.size).toBe(64);
  });

  it('whoever comes back has a new one, that is kept and counts', () => {
    const rule = limit('requests', bucket(1, 1), { scope: ['key'] });
    const bound: BoundLimit = { limit: rule, limiter: createLimiter(rule.spec) };
    const tested = perKey(rule);
    const subject = { ...SUBJECT, key: 'regular' };
    const ask = (nowUs: number): boolean => {
      const admission = decide([bound], tested.buckets, subject, cost(1), nowUs);
      if (admission.admit) chargeAll(admission, nowUs, { id: 1, endsUs: nowUs });
      return admission.admit;
    };
    expect([ask(0), ask(0), ask(S)]).toEqual([true, false, true]);
    crowd(tested, 200, 60 * S);
    for (let n = 0; n < 200; n++) forgetIdle(tested.buckets, 60 * S);
    expect(tested.remaining(60 * S)).not.toHaveProperty(['requests[key=#regular]']);
    expect([ask(60 * S), ask(60 * S)]).toEqual([true, false]);
    expect(tested.remaining(60 * S)).toMatchObject({ 'requests[key=#regular]': 0 });
  });
});
