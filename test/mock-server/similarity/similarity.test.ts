import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFor } from '../../../mock-server/random.ts';
import { computeBurstiness } from '../../../mock-server/similarity/burstiness.ts';
import { createNearDuplicates, SAME_TEMPLATE } from '../../../mock-server/similarity/near-duplicates.ts';
import { computeSignals } from '../../../mock-server/similarity/signals.ts';
import { distance, fromHex, simHash, toHex } from '../../../mock-server/similarity/simhash.ts';
import { chat, perPeriod, provider, START_US } from '../openai-provider.ts';

/** Creates `count` random words by seed; two seeds share almost none. */
function words(seed: number, count: number): string[] {
  const random = randomFor(seed, 'words');
  const letter = (): string => String.fromCharCode(97 + Math.floor(random() * 26));
  return Array.from({ length: count }, () => Array.from({ length: 5 }, letter).join(''));
}

describe('SimHash', () => {
  it('ignores case', () => {
    expect(simHash('The quick brown fox')).toEqual(simHash('the QUICK brown fox'));
  });

  it('survives conversion to hex', () => {
    fc.assert(fc.property(fc.string(), (text) => distance(fromHex(toHex(simHash(text))), simHash(text)) === 0));
  });

  it('differs in a few bits for one changed word in 500, and in about half for unrelated texts', () => {
    const original = words(1, 500);
    const changed = original.with(250, 'changed');
    expect(distance(simHash(original.join(' ')), simHash(changed.join(' ')))).toBeLessThanOrEqual(3);
    const apart = Array.from({ length: 100 }, (_, seed) =>
      distance(simHash(words(seed, 60).join(' ')), simHash(words(seed + 1000, 60).join(' '))),
    );
    const mean = apart.reduce((sum, bits) => sum + bits, 0) / apart.length;
    expect(mean).toBeGreaterThan(29);
    expect(mean).toBeLessThan(35);
    expect(Math.min(...apart)).toBeGreaterThan(SAME_TEMPLATE);
  });

  it('groups near-duplicate texts only', () => {
    const groups = createNearDuplicates();
    const original = words(1, 500);
    const name = groups.groupOf(simHash(original.join(' ')));
    expect(groups.groupOf(simHash(original.with(3, 'x').join(' ')))).toBe(name);
    expect(groups.groupOf(simHash(words(2, 500).join(' ')))).not.toBe(name);
  });
});

describe('burstiness (`limits.md` section 4, 5,000 gaps)', () => {
  const series = (gap: (at: number) => number): number[] => {
    let now = 0;
    return Array.from({ length: 5001 }, (_, at) => (now += gap(at)));
  };
  const random = randomFor(1, 'gaps');

  it.each([
    ['fixed 200 ms spacing', () => 200, -1, 0],
    ['uniform 0.2 to 0.5 s', () => 200 + 300 * random(), -0.61, 0.02],
    ['backoff 1, 2, 4 s in lockstep', (at: number) => 1000 * 2 ** (at % 3), -0.3, -0.5],
    ['Poisson', () => -1000 * Math.log(1 - random()), 0, 0],
    ['bursts of 5, then 2 s', (at: number) => (at % 5 === 0 ? 2000 : 20), 0.32, -0.25],
  ])('%s: B %d, M %d', (_name, gap, b, memory) => {
    const found = computeBurstiness(series(gap as (at: number) => number))!;
    expect(found.b).toBeCloseTo(b, 1);
    expect(found.a).toBeCloseTo(found.b, 1);
    expect(found.memory).toBeCloseTo(memory, 1);
  });

  it('is undefined for fewer than 20 gaps, or zero gaps', () => {
    expect(computeBurstiness(Array.from({ length: 20 }, (_, at) => at))).toBeUndefined();
    expect(computeBurstiness(Array.from({ length: 40 }, () => 7))).toBeUndefined();
  });
});

describe('signals', () => {
  it('describe a key with rotating agents and a constant prompt', () => {
    const hash = toHex(simHash('the same prompt again and again'));
    const requests = Array.from({ length: 100 }, (_, at) => ({
      key: 'a',
      ip: '10.0.0.1',
      userAgent: `agent/${at % 4}`,
      textHash: hash,
      atUs: at * 200_000,
    }));
    expect(computeSignals(requests)).toMatchObject([
      {
        requests: 100,
        peakPerMinute: 100,
        userAgents: 4,
        userAgentChangesPer100: 99,
        samePrompt: 0.99,
        commonestGapUs: 200_000,
        shortGaps: 0,
        burstiness: { b: -1 },
      },
    ]);
  });
});

describe('limit scopes', () => {
  const refusedOf = (scope: 'user-agent' | 'content' | 'ip', argumentsOf: (n: number) => Parameters<typeof chat>) => {
    const tested = provider({ limits: [perPeriod('requests', 2, 'min', { scope: [scope] })] });
    return [0, 1, 2, 3].map((n) => tested.receive(chat(...argumentsOf(n)), START_US).status);
  };

  it('user-agent: one bucket per value', () => {
    expect(refusedOf('user-agent', () => [{}, { 'user-agent': 'one' }])).toEqual([200, 200, 429, 429]);
    expect(refusedOf('user-agent', (n) => [{}, { 'user-agent': `agent-${n % 2}` }])).toEqual([200, 200, 200, 200]);
  });

  it('content: one bucket per group of near-duplicates', () => {
    const original = words(3, 300);
    const nearly = (n: number) =>
      [{ messages: [{ role: 'user', content: original.with(n, 'other').join(' ') }] }] as [object];
    expect(refusedOf('content', nearly)).toEqual([200, 200, 429, 429]);
    const others = (n: number) => [{ messages: [{ role: 'user', content: words(n + 10, 300).join(' ') }] }] as [object];
    expect(refusedOf('content', others)).toEqual([200, 200, 200, 200]);
  });

  it('ip: one bucket per IPv6 /64', () => {
    const tested = provider({ limits: [perPeriod('requests', 1, 'min', { scope: ['ip'] })] });
    const from = (ip: string) => tested.receive({ ...chat(), ip }, START_US).status;
    expect([from('2001:db8::1'), from('2001:db8::2:1'), from('2001:db8:0:1::1')]).toEqual([200, 429, 200]);
    expect([from('10.0.0.1'), from('::ffff:10.0.0.1'), from('10.0.0.2')]).toEqual([200, 429, 200]);
  });
});
