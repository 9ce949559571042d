import { Temporal } from 'temporal-polyfill';
import type { Problem } from '../error.ts';
import type { Rate } from '../quantity.ts';
import type { AlgorithmSpec } from './algorithm.ts';
import { milliRate } from './leaky-bucket.ts';

/** Returns a problem for each invalid parameter of a spec; paths are relative to the spec. */
export function limitProblems(spec: AlgorithmSpec): Problem[] {
  switch (spec.algorithm) {
    case 'token-bucket':
    case 'gcra':
    case 'leaky-meter':
      return [
        ...checkInteger('capacity', spec.capacity, 1),
        ...checkRate('refill', spec.refill),
        ...(spec.initial === undefined ? [] : checkInteger('initial', spec.initial, 0, spec.capacity)),
        ...(spec.maxDebt === undefined ? [] : checkInteger('maxDebt', spec.maxDebt, 0)),
      ];
    case 'tick-bucket':
      return [...checkInteger('capacity', spec.capacity, 1), ...checkRate('refill', spec.refill)];
    case 'fixed-window':
    case 'sliding-window-log':
    case 'sliding-window-counter':
      return [...checkInteger('amount', spec.amount, 1), ...checkInteger('window', spec.windowUs, 1)];
    case 'leaky-bucket':
      return [...checkNginxRate(spec), ...checkInteger('burst', spec.burst, 0), ...checkNginxDelay(spec.delay)];
    case 'leaky-queue':
      return [...checkInteger('interval', spec.intervalUs, 1), ...checkInteger('maxQueue', spec.maxQueue, 0)];
    case 'calendar-quota':
      return [
        ...checkInteger('amount', spec.amount, 1),
        ...checkInteger('resetHour', spec.resetHour, 0, 23),
        ...checkTimeZone(spec.timeZone),
      ];
    case 'concurrency':
      return checkInteger('amount', spec.amount, 1);
  }
}

function checkInteger(path: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): Problem[] {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return [];
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return [{ path, message: `must be a whole number ${range}, not ${value}` }];
}

function checkRate(path: string, { amount, periodUs }: Rate): Problem[] {
  const valid = Number.isSafeInteger(amount) && amount >= 1 && Number.isSafeInteger(periodUs) && periodUs >= 1;
  if (valid) return [];
  return [{ path, message: `must admit at least one unit per period, not ${amount} per ${periodUs} µs` }];
}

function checkNginxRate(spec: Extract<AlgorithmSpec, { algorithm: 'leaky-bucket' }>): Problem[] {
  const problems = checkRate('rate', spec.rate);
  if (problems.length > 0 || milliRate(spec) >= 1) return problems;
  const hint = 'nginx counts thousandths of a request per second; the slowest rate is 1r/m';
  return [{ path: 'rate', message: 'is below the resolution of nginx', hint }];
}

function checkNginxDelay(delay: 'nodelay' | number): Problem[] {
  return delay === 'nodelay' ? [] : checkInteger('delay', delay, 0);
}

function checkTimeZone(name: string): Problem[] {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return [];
  } catch {
    return [
      {
        path: 'timeZone',
        message: `unknown time zone ${name}`,
        hint: 'use an IANA name, such as Europe/Berlin or UTC',
      },
    ];
  }
}
