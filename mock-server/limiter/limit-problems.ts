import { Temporal } from 'temporal-polyfill';
import type { Problem } from '../error.ts';
import type { AlgorithmSpec, Rate } from './algorithm.ts';
import { milliRate } from './leaky-bucket.ts';

/** Every number of a spec that no limiter can work with; paths are relative to the spec. */
export function limitProblems(spec: AlgorithmSpec): Problem[] {
  switch (spec.algorithm) {
    case 'token-bucket':
    case 'gcra':
    case 'leaky-meter':
      return [
        ...whole('capacity', spec.capacity, 1),
        ...rate('refill', spec.refill),
        ...(spec.initial === undefined ? [] : whole('initial', spec.initial, 0, spec.capacity)),
        ...(spec.maxDebt === undefined ? [] : whole('maxDebt', spec.maxDebt, 0)),
      ];
    case 'tick-bucket':
      return [...whole('capacity', spec.capacity, 1), ...rate('refill', spec.refill)];
    case 'fixed-window':
    case 'sliding-window-log':
    case 'sliding-window-counter':
      return [...whole('amount', spec.amount, 1), ...whole('window', spec.windowUs, 1)];
    case 'leaky-bucket':
      return [...nginxRate(spec), ...whole('burst', spec.burst, 0), ...nginxDelay(spec.delay)];
    case 'leaky-queue':
      return [...whole('interval', spec.intervalUs, 1), ...whole('maxQueue', spec.maxQueue, 0)];
    case 'calendar-quota':
      return [
        ...whole('amount', spec.amount, 1),
        ...whole('resetHour', spec.resetHour, 0, 23),
        ...timeZone(spec.timeZone),
      ];
    case 'concurrency':
      return whole('amount', spec.amount, 1);
  }
}

function whole(path: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): Problem[] {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return [];
  const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  return [{ path, message: `must be a whole number from ${least}${upTo || ' up'}, not ${value}` }];
}

function rate(path: string, { amount, periodUs }: Rate): Problem[] {
  const fine = Number.isSafeInteger(amount) && amount >= 1 && Number.isSafeInteger(periodUs) && periodUs >= 1;
  if (fine) return [];
  return [{ path, message: `must let at least one unit in per period, not ${amount} per ${periodUs} µs` }];
}

function nginxRate(spec: Extract<AlgorithmSpec, { algorithm: 'leaky-bucket' }>): Problem[] {
  const impossible = rate('rate', spec.rate);
  if (impossible.length > 0 || milliRate(spec) >= 1) return impossible;
  const hint = 'nginx counts thousandths of a request a second; the slowest rate is 1r/m';
  return [{ path: 'rate', message: 'is too slow to be counted', hint }];
}

function nginxDelay(delay: 'nodelay' | number): Problem[] {
  return delay === 'nodelay' ? [] : whole('delay', delay, 0);
}

function timeZone(name: string): Problem[] {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return [];
  } catch {
    return [
      { path: 'timeZone', message: `unknown time zone ${name}`, hint: 'an IANA name, such as Europe/Berlin or UTC' },
    ];
  }
}
