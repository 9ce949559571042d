import { Temporal } from 'temporal-polyfill';
import type { Problem } from '../error.ts';
import type { Rate } from '../quantity.ts';
import type { Algorithm } from './algorithm.ts';
import { checkInteger } from './check-figures.ts';
import { admitted, denied } from './decision.ts';
import { describeRate } from './describe-rate.ts';
import type { LimiterFields } from './fields.ts';
import { checkInitial, usedAtStart } from './initial.ts';
import type { Limiter } from './limiter.ts';

/** `amount` per local day, week or month, reset at `resetHour` local time; weeks start on Monday. */
export interface CalendarQuotaSpec {
  readonly algorithm: 'calendar-quota';
  readonly amount: number;
  readonly per: 'day' | 'week' | 'month';
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  readonly resetHour: number;
  readonly initial?: number;
}

export interface CalendarQuotaState {
  /** Start and end of the local day, week or month that `used` counts. */
  readonly startUs: number;
  readonly endUs: number;
  readonly used: number;
  readonly latestUs: number;
}

/**
 * A quota per local day, week or month. The next reset is computed on the calendar, never by adding 86,400 s, because a day in
 * Berlin may last 23 or 25 hours. Times are in microseconds since the Unix epoch.
 */
function createCalendarQuota(spec: CalendarQuotaSpec): Limiter<CalendarQuotaState> {
  const { amount } = spec;
  const usedFirst = usedAtStart(spec.initial, amount);

  function advance(state: CalendarQuotaState, nowUs: number): CalendarQuotaState {
    const latestUs = Math.max(state.latestUs, nowUs);
    return latestUs < state.endUs ? { ...state, latestUs } : { ...periodAround(spec, latestUs), used: 0, latestUs };
  }

  return {
    capacity: amount,
    initial: (nowUs) => ({ ...periodAround(spec, nowUs), used: usedFirst, latestUs: nowUs }),
    check(state, nowUs, cost) {
      const { endUs, used, latestUs } = advance(state, nowUs);
      const remaining = Math.max(0, amount - used);
      const resetUs = endUs - latestUs;
      if (used + cost <= amount || cost === 0) return admitted(Math.max(0, remaining - cost), resetUs);
      return denied(remaining, resetUs, cost > amount ? Infinity : resetUs);
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const now = advance(state, nowUs);
      return { ...now, used: now.used + cost };
    },
    /** Charges of a past period need no settlement. */
    settle(state, nowUs, { chargedAtUs, charged, actual }) {
      const now = advance(state, nowUs);
      return chargedAtUs >= now.startUs ? { ...now, used: now.used + actual - charged } : now;
    },
    isIdle: (state, nowUs) => usedFirst === 0 && advance(state, nowUs).used === 0,
  };
}

const DAY_US = 86_400_000_000;

/** The first day of the period of a date, the length of that period on the calendar, and its usual days. */
const PERIODS = {
  day: { firstDay: (date: Temporal.PlainDate) => date, length: { days: 1 }, days: 1 },
  week: {
    firstDay: (date: Temporal.PlainDate) => date.subtract({ days: date.dayOfWeek - 1 }),
    length: { days: 7 },
    days: 7,
  },
  month: { firstDay: (date: Temporal.PlainDate) => date.with({ day: 1 }), length: { months: 1 }, days: 30 },
};

function periodAround(spec: CalendarQuotaSpec, atUs: number): { startUs: number; endUs: number } {
  const time = Temporal.Instant.fromEpochMilliseconds(Math.floor(atUs / 1000)).toZonedDateTimeISO(spec.timeZone);
  const { firstDay, length } = PERIODS[spec.per];
  const started = firstDay(time.toPlainDate());
  // Before the reset hour of its first day, a period has not started yet.
  const first = atUs < resetOn(started, spec) ? started.subtract(length) : started;
  return { startUs: resetOn(first, spec), endUs: resetOn(first.add(length), spec) };
}

function resetOn(date: Temporal.PlainDate, { timeZone, resetHour }: CalendarQuotaSpec): number {
  return date.toZonedDateTime({ timeZone, plainTime: { hour: resetHour } }).epochMilliseconds * 1000;
}

function checkTimeZone(name: string): Problem[] {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return [];
  } catch {
    const hint = 'use an IANA name, such as Europe/Berlin or UTC';
    return [{ path: 'timeZone', message: `unknown time zone ${name}`, hint }];
  }
}

/** A month counts as 30 days. */
function averageRate({ amount, per }: CalendarQuotaSpec): Rate {
  return { amount, periodUs: PERIODS[per].days * DAY_US };
}

function settings({ z, amount, initial }: LimiterFields) {
  return {
    algorithm: z
      .literal('calendar-quota')
      .describe('A quota per local day, week or month; refusals say insufficient_quota.'),
    amount: amount('Maximum per period; 0 admits nothing.'),
    per: z.enum(['day', 'week', 'month']).describe('The period; weeks start on Monday.'),
    timeZone: z.string().default('UTC').describe('IANA name, e.g. Europe/Berlin.'),
    resetHour: z.int().default(0).describe('Local hour at which the period starts.'),
    initial,
  };
}

/** A quota per local day, week or month. */
export const calendarQuota: Algorithm<CalendarQuotaSpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm, amount, per, timeZone, resetHour, initial }) => ({
    algorithm,
    amount,
    per,
    timeZone,
    resetHour,
    ...(initial !== undefined && { initial }),
  }),
  toSettings: (spec) => ({ ...spec }),
  parseSize(size) {
    const [amount, per = ''] = size.split('/');
    return { amount, per };
  },
  problems: ({ amount, resetHour, timeZone, initial }) => [
    ...checkInteger('amount', amount, 0),
    ...checkInteger('resetHour', resetHour, 0, 23),
    ...checkTimeZone(timeZone),
    ...checkInitial(initial, amount),
  ],
  create: createCalendarQuota,
  amount: ({ amount }) => amount,
  sustained: (spec) => (spec.amount === 0 ? null : averageRate(spec)),
  describe: (spec, unit) => describeRate(unit, averageRate(spec)),
  recorded: ['amount', 'per', 'timeZone', 'resetHour'],
  refills: 'at-reset',
  restricts: 'quota',
};
