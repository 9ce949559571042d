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
    const size = algorithm.parseSize(algorithm.sustained(spec) ? '5/day' : '5');
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
    expect(limiter.capacity).toBe(amount);
    expect(limiter.check(limiter.initial(0), 0, amount).admit).toBe(true);
    expect(limiter.check(limiter.initial(0), 0, amount + 1)).toMatchObject({ admit: false, retryAfterUs: Infinity });
  });

  it('regains capacity with time if and only if it has a rate', () => {
    const limiter = createLimiter(spec);
    const rate = algorithm.sustained(spec);
    const amount = algorithm.amount(spec);
    const charged = limiter.charge(limiter.initial(0), 0, amount, { id: 1 });
    expect(limiter.check(charged, 100 * (rate?.periodUs ?? 1e6), amount).admit).toBe(rate !== null);
    expect(algorithm.refills === 'on-release').toBe(rate === null);
  });

  it('states its rate or amount in its description', () => {
    const figure = algorithm.sustained(spec)?.amount ?? algorithm.amount(spec);
    expect(algorithm.describe(spec, 'tokens')).toMatch(new RegExp(`^${figure} `));
  });
});
