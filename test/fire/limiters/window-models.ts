import { floorDiv, Log, type Model } from './model.ts';

interface WindowSettings {
  readonly amount: number;
  readonly initial?: number;
  readonly windowUs: number;
}

/** What all models that count charges share; `used` counts in parts of a unit. */
function countingModel(
  amount: number,
  log: Log,
  { partsPerUnit = 1n, used, isOver }: Pick<Model, 'isOver'> & { partsPerUnit?: bigint; used(atUs: bigint): bigint },
): Model {
  return {
    capacity: BigInt(amount),
    partsPerUnit,
    clamp: (atUs) => log.clamp(atUs),
    left: (atUs) => BigInt(amount) * partsPerUnit - used(atUs),
    isOver,
    charge: (atUs, cost) => log.add(atUs, cost),
  };
}

/** A log in which what is not left at first is charged at the start. */
function logFrom(startUs: bigint, amount: number, initial = amount): Log {
  const log = new Log(startUs);
  if (initial < amount) log.add(startUs, BigInt(amount - initial));
  return log;
}

/** Windows that follow one another from the offset on. */
export function clockWindowModel(spec: WindowSettings & { readonly offsetUs?: number }, startUs: bigint): Model {
  const log = logFrom(startUs, spec.amount, spec.initial);
  const windowOf = (atUs: bigint): bigint => floorDiv(atUs - BigInt(spec.offsetUs ?? 0), BigInt(spec.windowUs));
  return countingModel(spec.amount, log, {
    used: (atUs) => log.sum((charge) => windowOf(charge.atUs) === windowOf(atUs)),
    isOver: (atUs, nowUs) => windowOf(atUs) !== windowOf(nowUs),
  });
}

/** Windows that open with a charge after the last has ended. */
export function firstRequestModel({ amount, initial, windowUs }: WindowSettings, startUs: bigint): Model {
  const log = logFrom(startUs, amount, initial);
  const used = (atUs: bigint): bigint => {
    let opened: bigint | undefined;
    let total = 0n;
    for (const charge of log.charges) {
      const isNew = opened === undefined || charge.atUs - opened >= BigInt(windowUs);
      if (isNew) opened = charge.atUs;
      total = isNew ? charge.cost : total + charge.cost;
    }
    return opened === undefined || atUs - opened >= BigInt(windowUs) ? 0n : total;
  };
  return countingModel(amount, log, { used, isOver: (atUs) => used(atUs) === 0n });
}

/** The sum of all charges of the last window, (t − W, t]. */
export function slidingLogModel({ amount, initial, windowUs }: WindowSettings, startUs: bigint): Model {
  const log = logFrom(startUs, amount, initial);
  const used = (atUs: bigint): bigint => log.sum((charge) => charge.atUs > atUs - BigInt(windowUs));
  return countingModel(amount, log, { used, isOver: (atUs) => used(atUs) === 0n });
}

/** The count of this window, and that of the last by the share of it that the last W microseconds overlap. */
export function slidingCounterModel({ amount, initial, windowUs }: WindowSettings, startUs: bigint): Model {
  const log = logFrom(startUs, amount, initial);
  const width = BigInt(windowUs);
  const windowOf = (atUs: bigint): bigint => floorDiv(atUs, width);
  const countOf = (window: bigint): bigint => log.sum((charge) => windowOf(charge.atUs) === window);
  const used = (atUs: bigint): bigint => {
    const window = windowOf(atUs);
    const elapsedUs = atUs - window * width;
    return countOf(window - 1n) * (width - elapsedUs) + countOf(window) * width;
  };
  return countingModel(amount, log, { partsPerUnit: width, used, isOver: (atUs) => used(atUs) === 0n });
}

interface RampSettings {
  readonly floor: number;
  readonly growthPercent: number;
  readonly windowUs: number;
  readonly initial?: number;
}

/** Windows of the clock, each of which admits what the one before it was charged and so many percent more, or the floor. */
export function rampModel({ floor, growthPercent, windowUs, initial }: RampSettings, startUs: bigint): Model {
  const log = logFrom(startUs, floor, initial);
  const windowOf = (atUs: bigint): bigint => floorDiv(atUs, BigInt(windowUs));
  const usedIn = (window: bigint): bigint => log.sum((charge) => windowOf(charge.atUs) === window);
  const admits = (window: bigint): bigint => {
    const grown = (usedIn(window - 1n) * BigInt(100 + growthPercent)) / 100n;
    return grown > BigInt(floor) ? grown : BigInt(floor);
  };
  return {
    capacity: BigInt(floor),
    partsPerUnit: 1n,
    clamp: (atUs) => log.clamp(atUs),
    left: (atUs) => admits(windowOf(atUs)) - usedIn(windowOf(atUs)),
    everPasses: (atUs, cost) =>
      [0n, 1n, 2n].some((later) => admits(windowOf(atUs) + later) - usedIn(windowOf(atUs) + later) >= cost),
    isOver: (atUs, nowUs) => windowOf(atUs) !== windowOf(nowUs),
    charge: (atUs, cost) => log.add(atUs, cost),
  };
}

interface CalendarSettings {
  readonly amount: number;
  readonly initial?: number;
  readonly per: 'day' | 'week' | 'month';
  readonly timeZone: string;
  readonly resetHour: number;
}

/** The period that people there would name: the date on their calendar, or that of the day before until the reset hour. */
export function calendarModel(spec: CalendarSettings, startUs: bigint): Model {
  const log = logFrom(startUs, spec.amount, spec.initial);
  const periodOf = (atUs: bigint): number => namePeriod(spec, Number(floorDiv(atUs, 1000n)));
  return countingModel(spec.amount, log, {
    used(atUs) {
      const period = periodOf(atUs);
      return log.sum((charge) => periodOf(charge.atUs) === period);
    },
    isOver: (atUs, nowUs) => periodOf(atUs) !== periodOf(nowUs),
  });
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Local date and hour by the calendar of `Intl`, which knows no Temporal. */
function namePeriod({ per, timeZone, resetHour }: CalendarSettings, ms: number): number {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
    });
    clocks.set(timeZone, clock);
  }
  const [year, month, day, hour] = clock.format(ms).match(/\d+/g)!.map(Number);
  // Dates as if they were of UTC, whose days are all alike.
  const date = new Date(Date.UTC(year!, month! - 1, day! - (hour! < resetHour ? 1 : 0)));
  if (per === 'month') return date.getUTCFullYear() * 12 + date.getUTCMonth();
  const days = date.getTime() / 86_400_000;
  // The first of January 1970 was a Thursday.
  return per === 'day' ? days : Math.floor((days + 3) / 7);
}
