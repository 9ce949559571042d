import { formatExactDuration } from '../duration.ts';
import { parseRate } from '../quantity.ts';
import type { Algorithm } from './algorithm.ts';
import { checkInteger } from './check-figures.ts';
import { admitted, denied } from './decision.ts';
import { describePeriod } from './describe-rate.ts';
import type { LimiterFields } from './fields.ts';
import { checkInitial, usedAtStart } from './initial.ts';
import type { Limiter } from './limiter.ts';

/**
 * A limit on growth: a window admits `growthPercent` more than the window before, and never less than `floor`. OpenAI's rule of
 * thumb is 50 % more input tokens per 15 minutes above a million a minute (`wire.md` 1.6).
 */
export interface RampSpec {
  readonly algorithm: 'ramp';
  readonly floor: number;
  readonly growthPercent: number;
  readonly windowUs: number;
  readonly initial?: number;
}

export interface RampState {
  /** Number of the clock-aligned window that `current` counts. */
  readonly window: number;
  readonly previous: number;
  readonly current: number;
  /** The latest time so far; earlier times are treated as this one. */
  readonly latestUs: number;
}

/** Above this, growth is as good as unlimited. */
const MAX_GROWTH_PERCENT = 100_000;

/** Limits how fast usage grows from one window of the clock to the next. Refused requests that are charged count as usage. */
function createRamp(spec: RampSpec): Limiter<RampState> {
  const { floor, growthPercent, windowUs } = spec;
  const windowOf = (nowUs: number): number => Math.floor(nowUs / windowUs);

  function advance(state: RampState, nowUs: number): RampState {
    const latestUs = Math.max(state.latestUs, nowUs);
    const window = windowOf(latestUs);
    if (window === state.window) return { ...state, latestUs };
    return { window, previous: window === state.window + 1 ? state.current : 0, current: 0, latestUs };
  }

  /** What the window after one that used `used` admits. */
  const after = (used: number): number => Math.max(floor, grown(used, growthPercent));

  const resetUs = ({ window, latestUs }: RampState): number => (window + 1) * windowUs - latestUs;

  return {
    capacity: Number.MAX_SAFE_INTEGER,
    amountAt: (state, nowUs) => after(advance(state, nowUs).previous),
    initial: (nowUs) => ({
      window: windowOf(nowUs),
      previous: 0,
      current: usedAtStart(spec.initial, floor),
      latestUs: nowUs,
    }),
    check(state, nowUs, cost) {
      const now = advance(state, nowUs);
      const left = after(now.previous) - now.current;
      const remaining = Math.max(0, left);
      if (cost <= left || cost === 0) return admitted(Math.max(0, left - cost), resetUs(now));
      // The next window admits the most: without other traffic, the one after it is back at the floor.
      return denied(remaining, resetUs(now), cost > after(now.current) ? Infinity : resetUs(now));
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const now = advance(state, nowUs);
      return { ...now, current: now.current + cost };
    },
    settle(state, nowUs, { chargedAtUs, charged, actual }) {
      const now = advance(state, nowUs);
      const age = now.window - windowOf(chargedAtUs);
      const difference = actual - charged;
      if (age === 0) return { ...now, current: now.current + difference };
      return age === 1 ? { ...now, previous: now.previous + difference } : now;
    },
    isIdle(state, nowUs) {
      const { previous, current } = advance(state, nowUs);
      return usedAtStart(spec.initial, floor) === 0 && previous + current === 0;
    },
  };
}

/** Returns `used` and `percent` more, rounded down, exact below 2^53 and at most that. */
function grown(used: number, percent: number): number {
  // In two parts, so that no product of the two large numbers is needed.
  const more = Math.floor(used / 100) * percent + Math.floor(((used % 100) * percent) / 100);
  return Math.min(used + more, Number.MAX_SAFE_INTEGER);
}

function settings({ z, amount, duration, initial }: LimiterFields) {
  return {
    algorithm: z.literal('ramp').describe('Limits how fast usage grows; refusals say slow down.'),
    floor: amount('What every window admits, however little the window before used.', 1),
    growth: z
      .string()
      .regex(/^\d{1,6}%$/, 'must be a whole percentage such as 50%')
      .default('50%')
      .describe('How much more than the window before a window admits.'),
    window: duration('Length of the windows that are compared, which align to the clock.'),
    initial,
  };
}

/** Limits growth from window to window. */
export const ramp: Algorithm<RampSpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm, floor, growth, window, initial }) => ({
    algorithm,
    floor,
    growthPercent: Number.parseInt(growth, 10),
    windowUs: window,
    ...(initial !== undefined && { initial }),
  }),
  toSettings: ({ algorithm, floor, growthPercent, windowUs, ...rest }) => ({
    algorithm,
    floor,
    growth: `${growthPercent}%`,
    window: formatExactDuration(windowUs),
    ...rest,
  }),
  parseSize(size) {
    const [floor, period = ''] = size.split('/');
    const rate = parseRate(`1/${period}`);
    return { floor, window: 'value' in rate ? formatExactDuration(rate.value.periodUs) : period };
  },
  problems: ({ floor, growthPercent, windowUs, initial }) => [
    ...checkInteger('floor', floor, 1),
    ...checkInteger('growth', growthPercent, 0, MAX_GROWTH_PERCENT),
    ...checkInteger('window', windowUs, 1),
    ...checkInitial(initial, floor),
  ],
  create: createRamp,
  amount: ({ floor }) => floor,
  sustained: () => null,
  describe: ({ floor, growthPercent, windowUs }, unit) =>
    `${floor} ${unit} ${describePeriod(windowUs)}, or ${growthPercent} % more than were used in the window before`,
  recorded: ['floor', 'growthPercent', 'windowUs'],
  refills: 'by-growth',
  restricts: 'growth',
};
