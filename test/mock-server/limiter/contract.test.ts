import { describe, expect, it } from 'vitest';
import { algorithmNamed } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { limiterFields } from '../../../mock-server/limiter/fields.ts';
import { keysOf } from '../../../mock-server/setting-fields.ts';
import { NAMES, sampleSpec } from './sample-spec.ts';

describe.each(NAMES)('%s', (name) => {
  const algorithm = algorithmNamed(name);
  const schema = keysOf(algorithm.settings(limiterFields));
  const spec = sampleSpec(name);

  it('is valid with its sample settings', () => {
    expect(spec.algorithm).toBe(name);
    expect(algorithm.problems(spec)).toEqual([]);
    expect(Object.keys(spec)).toEqual(expect.arrayContaining([...algorithm.recorded]));
    expect(algorithm.recorded.length).toBeGreaterThan(0);
  });

  it('converts its spec to settings and back', () => {
    const settings = algorithm.toSettings(spec);
    const again = algorithm.toSpec(schema.parse(settings));
    expect(again).toEqual(spec);
    expect(algorithm.toSettings(again)).toEqual(settings);
  });

  it('parses the size of a limit line into valid settings', () => {
    const size = algorithm.parseSize(algorithm.refills === 'on-release' ? '5' : '5/day');
    for (const [key, value] of Object.entries(size))
      expect(schema.shape[key]!.safeParse(value).success, key).toBe(true);
  });

  it('rejects invalid figures', () => {
    const figures = Object.entries(spec).filter(([, value]) => typeof value === 'number');
    for (const [key] of figures.filter(([key]) => key !== 'offsetUs')) {
      expect(algorithm.problems({ ...spec, [key]: -1 }), key).toHaveLength(1);
    }
  });

  it('admits its amount at once, and no more', () => {
    const limiter = createLimiter(spec);
    const amount = algorithm.amount(spec);
    // What a ramp admits grows with use.
    expect(limiter.capacity).toBe(algorithm.refills === 'by-growth' ? Number.MAX_SAFE_INTEGER : amount);
    expect(limiter.check(limiter.initial(0), 0, amount).admit).toBe(true);
    expect(limiter.check(limiter.initial(0), 0, amount + 1)).toMatchObject({ admit: false, retryAfterUs: Infinity });
  });

  it('regains capacity with time unless requests hold it, and has a rate unless they do or it grows', () => {
    const limiter = createLimiter(spec);
    const rate = algorithm.sustained(spec);
    const amount = algorithm.amount(spec);
    const charged = limiter.charge(limiter.initial(0), 0, amount, { id: 1 });
    const isHeld = algorithm.refills === 'on-release';
    expect(limiter.check(charged, 100 * (rate?.periodUs ?? 1e6), amount).admit).toBe(!isHeld);
    expect(rate === null).toBe(isHeld || algorithm.refills === 'by-growth');
  });

  it('begins with what is left at first, and is as any other once that is over', () => {
    if (!('initial' in schema.shape)) {
      expect(algorithm.refills).toBe('on-release');
      return;
    }
    const amount = algorithm.amount(spec);
    for (const initial of [0, 1, amount]) {
      const begun = { ...spec, initial } as typeof spec;
      expect(algorithm.problems(begun)).toEqual([]);
      expect(algorithm.toSpec(schema.parse(algorithm.toSettings(begun)))).toEqual(begun);
      const limiter = createLimiter(begun);
      const fresh = limiter.initial(0);
      expect(limiter.check(fresh, 0, 0).remaining).toBe(initial);
      expect(limiter.check(fresh, 0, initial + 1).admit).toBe(false);
      expect(limiter.isIdle(fresh, 1e15)).toBe(initial === amount);
      const usual = createLimiter(spec);
      expect(limiter.check(fresh, 1e15, amount)).toEqual(usual.check(usual.initial(0), 1e15, amount));
    }
    expect(algorithm.problems({ ...spec, initial: amount + 1 } as typeof spec)).toEqual([
      { path: 'initial', message: `must be a whole number from 0 to ${amount}, not ${amount + 1}` },
    ]);
  });

  it('states its rate or amount in its description', () => {
    const figure = algorithm.sustained(spec)?.amount ?? algorithm.amount(spec);
    expect(algorithm.describe(spec, 'tokens')).toMatch(new RegExp(`^${figure} `));
  });
});
