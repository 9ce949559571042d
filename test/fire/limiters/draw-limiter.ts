import type { AlgorithmName, AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import type { Random } from '../../../mock-server/random.ts';
import { gcraModel, leakyMeterModel, tickBucketModel, tokenBucketModel } from './bucket-models.ts';
import type { Model } from './model.ts';
import { concurrencyModel, nginxModel, queueModel } from './queue-models.ts';
import {
  calendarModel,
  clockWindowModel,
  firstRequestModel,
  rampModel,
  slidingCounterModel,
  slidingLogModel,
} from './window-models.ts';

/** A limiter to try, with its model, and what its random requests are made from. */
export interface Drawn {
  readonly spec: AlgorithmSpec;
  readonly model: (startUs: bigint) => Model;
  /** About the time in which a unit comes back, and in which all do. */
  readonly unitUs: number;
  readonly wholeUs: number;
}

const DAY_US = 86_400_000_000;
const PERIODS_US = [1, 7, 1000, 999_983, 1_000_000, 20_000_000, 60_000_000, 3_600_000_000, DAY_US, 30 * DAY_US];
/** Later times, and longer spans, are not exact in microseconds: about 30 years, in which everything must come back. */
const LONGEST_US = 1e15;
const ZONES =
  'UTC Europe/Berlin America/New_York Australia/Lord_Howe Asia/Kolkata America/Havana Africa/Cairo Pacific/Apia';

/** Draws settings of each algorithm, small numbers mostly: what is small is refused often. */
export function createDraw(random: Random) {
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <Value>(values: readonly Value[]): Value => values[below(values.length)]!;
  const chance = (share: number): boolean => random() < share;
  const size = (): number => 1 + below(oneOf([3, 8, 8, 60, 500, 1_000_000, 1_000_000_007]));
  /** At times a limit that admits nothing. */
  const sizeOrNone = (): number => (chance(0.05) ? 0 : size());
  const duration = (): number => (chance(0.7) ? oneOf(PERIODS_US) : 1 + below(oneOf(PERIODS_US)));

  /** At times, how much is left at first. */
  const initially = (full: number) => (chance(0.2) ? { initial: below(full + 1) } : {});

  function bucket(algorithm: 'token-bucket' | 'gcra' | 'leaky-meter'): Drawn {
    const capacity = size();
    const refill = { amount: chance(0.5) ? capacity : size(), periodUs: duration() };
    const spec = {
      algorithm,
      capacity,
      refill,
      ...initially(capacity),
      ...(chance(0.2) && { maxDebt: below(capacity * 2) }),
    };
    const models = { 'token-bucket': tokenBucketModel, gcra: gcraModel, 'leaky-meter': leakyMeterModel };
    const unitUs = refill.periodUs / refill.amount;
    return { spec, model: (startUs) => models[algorithm](spec, startUs), unitUs, wholeUs: unitUs * capacity };
  }

  function tickBucket(): Drawn {
    const capacity = size();
    const refill = { amount: chance(0.5) ? capacity : size(), periodUs: duration() };
    const anchor = chance(0.3) && { anchorUs: duration() };
    const spec = { algorithm: 'tick-bucket', capacity, refill, ...anchor, ...initially(capacity) } as const;
    const wholeUs = refill.periodUs * Math.ceil(capacity / refill.amount);
    return { spec, model: (startUs) => tickBucketModel(spec, startUs), unitUs: refill.periodUs, wholeUs };
  }

  function fixedWindow(): Drawn {
    const windowUs = duration();
    const anchor = oneOf(['clock', 'first-request'] as const);
    const amount = sizeOrNone();
    const spec = { algorithm: 'fixed-window', amount, windowUs, anchor, ...initially(amount) } as const;
    if (anchor === 'first-request') {
      return { spec, model: (startUs) => firstRequestModel(spec, startUs), unitUs: windowUs, wholeUs: windowUs };
    }
    const offset = { ...spec, ...(chance(0.3) && { offsetUs: duration() }) };
    return { spec: offset, model: (startUs) => clockWindowModel(offset, startUs), unitUs: windowUs, wholeUs: windowUs };
  }

  function sliding(algorithm: 'sliding-window-log' | 'sliding-window-counter'): Drawn {
    const amount = sizeOrNone();
    const spec = { algorithm, amount, windowUs: duration(), ...initially(amount) };
    const model = algorithm === 'sliding-window-log' ? slidingLogModel : slidingCounterModel;
    return { spec, model: (startUs) => model(spec, startUs), unitUs: spec.windowUs, wholeUs: 2 * spec.windowUs };
  }

  function nginx(): Drawn {
    const rate = { amount: 1 + below(oneOf([5, 100, 5000])), periodUs: oneOf([1_000_000, 60_000_000]) };
    const burst = below(oneOf([2, 6, 20]));
    const delay = chance(0.4) ? 'nodelay' : below(burst + 2);
    const spec = { algorithm: 'leaky-bucket', rate, burst, delay, ...initially(burst + 1) } as const;
    const unitUs = rate.periodUs / rate.amount;
    return { spec, model: (startUs) => nginxModel(spec, startUs), unitUs, wholeUs: unitUs * (burst + 1) };
  }

  function queue(): Drawn {
    const maxQueue = below(oneOf([2, 6, 60, 1000]));
    const spec = {
      algorithm: 'leaky-queue',
      intervalUs: duration(),
      maxQueue,
      ...initially(maxQueue + 1),
    } as const;
    const wholeUs = spec.intervalUs * (spec.maxQueue + 1);
    return { spec, model: (startUs) => queueModel(spec, startUs), unitUs: spec.intervalUs, wholeUs };
  }

  function calendar(): Drawn {
    const per = oneOf(['day', 'week', 'month'] as const);
    const amount = sizeOrNone();
    const place = { timeZone: oneOf(ZONES.split(' ')), resetHour: chance(0.5) ? 0 : below(24) };
    const spec = { algorithm: 'calendar-quota', amount, per, ...place, ...initially(amount) } as const;
    const wholeUs = { day: 1, week: 7, month: 30 }[per] * DAY_US;
    return { spec, model: (startUs) => calendarModel(spec, startUs), unitUs: DAY_US / 24, wholeUs };
  }

  function ramp(): Drawn {
    const floor = size();
    const growthPercent = oneOf([0, 1, 33, 50, 100, 250]);
    const windowUs = duration();
    const spec = { algorithm: 'ramp', floor, growthPercent, windowUs, ...initially(floor) } as const;
    return { spec, model: (startUs) => rampModel(spec, startUs), unitUs: windowUs, wholeUs: 2 * windowUs };
  }

  function concurrency(): Drawn {
    const spec = { algorithm: 'concurrency', amount: below(oneOf([3, 6, 13])) } as const;
    return { spec, model: () => concurrencyModel(spec), unitUs: 100_000, wholeUs: 3_000_000 };
  }

  const drawLimiter: Readonly<Record<AlgorithmName, () => Drawn>> = {
    'token-bucket': () => bucket('token-bucket'),
    gcra: () => bucket('gcra'),
    'leaky-meter': () => bucket('leaky-meter'),
    'tick-bucket': tickBucket,
    'fixed-window': fixedWindow,
    'sliding-window-log': () => sliding('sliding-window-log'),
    'sliding-window-counter': () => sliding('sliding-window-counter'),
    'leaky-bucket': nginx,
    'leaky-queue': queue,
    'calendar-quota': calendar,
    ramp,
    concurrency,
  };
  const draw = (algorithm: AlgorithmName): Drawn => {
    const drawn = drawLimiter[algorithm]();
    return drawn.wholeUs <= LONGEST_US ? drawn : draw(algorithm);
  };
  return { below, oneOf, chance, draw };
}
