import { expect, it } from 'vitest';
import { type AlgorithmSpec, algorithmNamed, algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { describeRate } from '../../../mock-server/limiter/describe-rate.ts';

const S = 1_000_000;
const rate = (amount: number, seconds: number) => ({ amount, periodUs: seconds * S });

it.each([
  ['requests', rate(5, 1), 5, '5 requests a second'],
  ['requests', rate(1, 60), 1, '1 request a minute'],
  ['class tokens', rate(1, 3600), 2, '1 class token an hour, bursts of up to 2'],
  ['tokens', rate(1000, 86_400), 1000, '1000 tokens a day'],
  ['requests', rate(10, 30), 40, '10 requests every 30s, bursts of up to 40'],
])('%s at %j in bursts of %d: %s', (unit, given, burst, expected) => {
  expect(describeRate(unit, given, burst)).toBe(expected);
});

it('a name that is no algorithm is the token bucket', () => {
  const named = (name?: string) => algorithmNamed(name);
  expect(named('fixed-window')).not.toBe(named('token-bucket'));
  for (const name of [undefined, 'leaky', 'toString', '__proto__']) expect(named(name)).toBe(named('token-bucket'));
});

it.each<[AlgorithmSpec, Record<string, unknown>]>([
  [
    { algorithm: 'token-bucket', capacity: 5, refill: rate(5, 1) },
    { algorithm: 'token-bucket', refill: '5/s' },
  ],
  [
    { algorithm: 'token-bucket', capacity: 9, refill: rate(5, 1) },
    { algorithm: 'token-bucket', refill: '5/s', capacity: 9 },
  ],
  [
    { algorithm: 'leaky-bucket', rate: rate(5, 1), burst: 3, delay: 'nodelay' },
    { algorithm: 'leaky-bucket', rate: '5/s', burst: 3, nodelay: true },
  ],
  [
    { algorithm: 'leaky-bucket', rate: rate(5, 1), burst: 3, delay: 2 },
    { algorithm: 'leaky-bucket', rate: '5/s', burst: 3, delay: 2 },
  ],
])('%j is written as %j', (spec, settings) => {
  expect(algorithmOf(spec).toSettings(spec)).toEqual(settings);
});

it.each([
  ['concurrency', '7', { amount: '7' }],
  ['leaky-bucket', '7/s', { rate: '7/s' }],
  ['calendar-quota', '7/month', { amount: '7', per: 'month' }],
  ['calendar-quota', '7', { amount: '7', per: '' }],
])('%s reads the size %s of a line as %j', (name, size, settings) => {
  expect(algorithmNamed(name).parseSize(size)).toEqual(settings);
});

it('a fixed window is written with the shift that it has', () => {
  const spec = { algorithm: 'fixed-window', amount: 5, windowUs: 60 * S, anchor: 'clock', offsetUs: 7 * S } as const;
  expect(algorithmOf(spec).toSettings(spec)).toMatchObject({ offset: '7s' });
  expect(algorithmOf(spec).toSettings({ ...spec, offsetUs: 0 })).not.toHaveProperty('offset');
});
