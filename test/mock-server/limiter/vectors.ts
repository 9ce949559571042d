import { readFileSync } from 'node:fs';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import type { Decision } from '../../../mock-server/limiter/limiter.ts';

export interface Expected {
  readonly admit: boolean;
  readonly remaining?: number | Record<string, number> | null;
  /** 0 when admitted, null for never. */
  readonly retryAfterMs: number | null;
  readonly resetMs?: number;
  readonly delayMs?: number | null;
  readonly binding?: string | null;
  readonly blockedBy?: string[];
}

export interface VectorEvent {
  readonly tMs: number;
  readonly cost: number | Record<string, number>;
  readonly expect: Expected;
  readonly key?: string;
  readonly holdMs?: number;
  readonly observed?: { readonly toldMs?: number };
}

// biome-ignore lint/suspicious/noExplicitAny: each limiter's vectors have their own parameters.
type Params = any;

export interface Vector {
  readonly name: string;
  readonly limiter: string;
  readonly params: Params;
  readonly events: readonly VectorEvent[];
}

export function vectorsOf(file: 'reference' | 'nginx' | 'npm-packages' | 'provider-messages'): Vector[] {
  const text = readFileSync(new URL(`../../vectors/${file}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { vectors: Vector[] }).vectors;
}

/** Converts a vector's limiter to an `AlgorithmSpec`. */
export function specOf(limiter: string, params: Params): AlgorithmSpec {
  switch (limiter) {
    case 'token_bucket':
    case 'gcra':
      return {
        algorithm: limiter === 'gcra' ? 'gcra' : 'token-bucket',
        capacity: params.capacity,
        refill: { amount: params.refillTokens, periodUs: params.refillMs * 1000 },
        ...(params.initial !== undefined && { initial: params.initial }),
      };
    case 'leaky_meter':
      return {
        algorithm: 'leaky-meter',
        capacity: params.capacity,
        refill: { amount: params.leak, periodUs: params.leakMs * 1000 },
      };
    case 'tick_bucket':
      return {
        algorithm: 'tick-bucket',
        capacity: params.capacity,
        refill: { amount: params.amount, periodUs: params.tickMs * 1000 },
        anchorUs: params.anchorMs * 1000,
      };
    case 'fixed_window_aligned':
    case 'fixed_window_first':
      return {
        algorithm: 'fixed-window',
        amount: params.limit,
        windowUs: params.windowMs * 1000,
        anchor: limiter === 'fixed_window_first' ? 'first-request' : 'clock',
      };
    case 'sliding_log':
    case 'sliding_counter':
      return {
        algorithm: limiter === 'sliding_log' ? 'sliding-window-log' : 'sliding-window-counter',
        amount: params.limit,
        windowUs: params.windowMs * 1000,
      };
    case 'leaky_queue':
      return { algorithm: 'leaky-queue', intervalUs: params.intervalMs * 1000, maxQueue: params.maxQueue };
    case 'concurrency':
      return { algorithm: 'concurrency', amount: params.limit };
    case 'calendar':
      return {
        algorithm: 'calendar-quota',
        amount: params.limit,
        per: params.period,
        timeZone: params.timeZone,
        resetHour: params.resetHour,
      };
    case 'nginx_limit_req':
      return nginxSpec(params);
    default:
      throw new Error(`unknown limiter ${limiter}`);
  }
}

/** Converts an nginx zone: `5r/s`, `burst=5`, `nodelay` or `delay=N`. */
export function nginxSpec(zone: Params): AlgorithmSpec {
  const [, amount, unit] = /^(\d+)r\/([sm])$/.exec(zone.rate)!;
  return {
    algorithm: 'leaky-bucket',
    rate: { amount: Number(amount), periodUs: unit === 's' ? 1_000_000 : 60_000_000 },
    burst: zone.burst,
    delay: zone.nodelay ? 'nodelay' : (zone.delay ?? 0),
  };
}

/** Converts a decision to vector format: milliseconds rounded up, 0 on admission, null for never. */
export function inVectorTerms(decision: Decision): Required<Pick<Expected, 'admit' | 'retryAfterMs'>> & {
  remaining: number;
  resetMs: number;
  delayMs: number | null;
} {
  const { admit, remaining, retryAfterUs, resetUs, delayUs } = decision;
  return {
    admit,
    remaining,
    retryAfterMs: retryAfterUs === Infinity ? null : Math.ceil(retryAfterUs / 1000),
    resetMs: Math.ceil(resetUs / 1000),
    delayMs: admit ? delayUs / 1000 : null,
  };
}
