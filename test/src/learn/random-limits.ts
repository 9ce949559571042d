import fc from 'fast-check';
import type { Limit, Scope, Unit } from '../../../mock-server/admission/limit.ts';
import type { DialectName } from '../../../mock-server/dialects/dialects.ts';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { S } from '../../mock-server/openai-provider.ts';

const secondsUs = fc.integer({ min: 3, max: 40 }).map((seconds) => seconds * S);
const msUs = fc.integer({ min: 1500, max: 30_000 }).map((ms) => ms * 1000);
const anyWindowUs = fc.oneof(secondsUs, msUs, fc.constantFrom(10 * S, 60 * S));
const amount = fc.integer({ min: 3, max: 60 });

const bucket = fc
  .record({ capacity: amount, amount, periodUs: anyWindowUs, same: fc.boolean() })
  .map(({ capacity, amount: refill, periodUs, same }): AlgorithmSpec => {
    return { algorithm: 'token-bucket', capacity, refill: { amount: same ? capacity : refill, periodUs } };
  });
const fixed = fc
  .record({ amount, windowUs: anyWindowUs, offset: fc.boolean(), clock: fc.boolean() })
  .map(({ amount: perWindow, windowUs, offset, clock }): AlgorithmSpec => {
    const spec = {
      algorithm: 'fixed-window',
      amount: perWindow,
      windowUs,
      anchor: clock ? 'clock' : 'first-request',
    } as const;
    return clock && offset ? { ...spec, offsetUs: Math.floor(windowUs / 3000) * 1000 } : spec;
  });
const sliding = fc
  .record({ amount, windowUs: anyWindowUs, log: fc.boolean() })
  .map(({ amount: perWindow, windowUs, log }): AlgorithmSpec => {
    return { algorithm: log ? 'sliding-window-log' : 'sliding-window-counter', amount: perWindow, windowUs };
  });
/** Limiters that cannot be learnt; they must not be taken for others. */
const tick = fc
  .record({ capacity: amount, amount: fc.integer({ min: 1, max: 20 }), periodUs: secondsUs })
  .map(({ capacity, amount: lump, periodUs }): AlgorithmSpec => {
    return { algorithm: 'tick-bucket', capacity, refill: { amount: lump, periodUs } };
  });
const nginx = fc
  .record({ amount: fc.integer({ min: 1, max: 5 }), burst: fc.integer({ min: 2, max: 20 }) })
  .map(({ amount: perSecond, burst }): AlgorithmSpec => {
    return { algorithm: 'leaky-bucket', rate: { amount: perSecond, periodUs: S }, burst, delay: 'nodelay' };
  });

/** A provider with one limit, and how incomplete or inexact its recording is. */
export interface RandomCase {
  readonly limit: Limit;
  readonly dialect: DialectName;
  readonly seed: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly keys: number;
  readonly models: number;
  /** Share of requests that are not in the recording, as another client made them. */
  readonly unseen: number;
  readonly jitterUs: number;
}

const scope = fc.constantFrom<readonly Scope[]>(['organization'], ['key'], ['organization', 'model'], ['key', 'model']);

export const randomCase: fc.Arbitrary<RandomCase> = fc
  .record({
    spec: fc.oneof(bucket, fixed, sliding, tick, nginx),
    scope,
    chargeRejected: fc.constantFrom('none' as const, 'requests' as const),
    dialect: fc.constantFrom('openai' as const, 'azure' as const, 'anthropic' as const),
    seed: fc.integer({ min: 1, max: 1e6 }),
    perSecond: fc.constantFrom(0.5, 1, 2, 5),
    seconds: fc.constantFrom(10, 60, 120),
    keys: fc.integer({ min: 1, max: 2 }),
    models: fc.integer({ min: 1, max: 2 }),
    unseen: fc.constantFrom(0, 0, 0, 0.2),
    jitterUs: fc.constantFrom(0, 0, 0, 20_000, 150_000),
  })
  .map(({ spec, scope: scopes, chargeRejected, ...rest }) => ({
    ...rest,
    limit: limitOf(spec, scopes, chargeRejected),
  }));

export function limitOf(
  spec: AlgorithmSpec,
  scopes: readonly Scope[] = ['organization'],
  chargeRejected: Limit['chargeRejected'] = 'none',
  unit: Unit = 'requests',
): Limit {
  return { name: unit, scope: scopes, unit, spec, chargeRejected };
}

/** Describes the behaviour of a limiter: equal for limiters that no request can tell apart. */
export function meaningOf(spec: AlgorithmSpec): string {
  switch (spec.algorithm) {
    case 'token-bucket':
      return `bucket of ${spec.capacity}, ${spec.refill.periodUs / spec.refill.amount} µs each`;
    case 'tick-bucket':
      return spec.refill.amount >= spec.capacity
        ? `${spec.capacity} in windows of ${spec.refill.periodUs} from 0`
        : `lumps of ${spec.refill.amount}`;
    case 'fixed-window':
      return spec.anchor === 'clock'
        ? `${spec.amount} in windows of ${spec.windowUs} from ${(spec.offsetUs ?? 0) % spec.windowUs}`
        : `${spec.amount} in windows of ${spec.windowUs} from the first request`;
    case 'sliding-window-log':
    case 'sliding-window-counter':
      return `${spec.amount} in ${spec.windowUs}, ${spec.algorithm}`;
    case 'leaky-bucket':
      return `bucket of ${spec.burst + 1}, ${spec.rate.periodUs / spec.rate.amount} µs each`;
    default:
      return spec.algorithm;
  }
}
