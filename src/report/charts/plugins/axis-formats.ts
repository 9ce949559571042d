/** How an axis writes its values, chosen by name in a spec: `elapsed` and `duration` are seconds, `percent` is 0 to 100. */
export interface AxisFormat {
  /** Returns the values to mark between two others; undefined: those of Chart.js. */
  ticks(low: number, high: number, scale: 'linear' | 'logarithmic'): number[] | undefined;
  /** `high` is the end of the axis, which decides the unit. */
  show(value: number, high: number): string;
}

export const AXIS_FORMATS: Readonly<Record<string, AxisFormat>> = {
  elapsed: { ticks: (low, high) => timeTicks(low, high, 9), show: formatElapsed },
  duration: {
    ticks: (low, high, scale) => (scale === 'logarithmic' ? durationLadder(low, high) : timeTicks(low, high, 7)),
    show: (value) => formatTick(value),
  },
  percent: { ticks: () => undefined, show: (value) => `${trim(value)} %` },
  count: {
    ticks: (low, high, scale) => (scale === 'logarithmic' ? decades(low, high) : undefined),
    show: (value, high) => (high >= 10_000 && value >= 1000 ? value.toLocaleString('en-US') : trim(value)),
  },
};

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** Steps that people count time in, in seconds. */
const STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/** Returns at most `most` + 1 round times of equal distance. */
export function timeTicks(low: number, high: number, most: number): number[] {
  const least = (high - low) / most;
  const step = least < 1 ? decimalStep(least) : (STEPS_S.find((one) => one >= least) ?? STEPS_S.at(-1)!);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function decimalStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/** Formats a time since the start: `30 s`, `5 min`, `1:30 h`; the end of the axis decides the unit. */
export function formatElapsed(seconds: number, endS: number): string {
  if (seconds === 0) return '0';
  if (endS <= 0.7) return `${trim(seconds * 1000)} ms`;
  if (endS <= 2 * MINUTE_S) return `${trim(seconds)} s`;
  if (endS <= 2 * HOUR_S) return `${pair(seconds, MINUTE_S, 1)} min`;
  if (endS <= 4 * DAY_S) return `${pair(seconds, HOUR_S, MINUTE_S)} h`;
  return `${trim(seconds / DAY_S)} d`;
}

/** Returns `5` for whole units and `5:30` otherwise. */
function pair(seconds: number, unitS: number, partS: number): string {
  const whole = Math.floor(seconds / unitS + 1e-9);
  const rest = Math.round((seconds - whole * unitS) / partS);
  return rest === 0 ? String(whole) : `${whole}:${String(rest).padStart(2, '0')}`;
}

/** Seconds, minutes and hours that divide a logarithmic axis evenly. */
const LONG_S = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18_000, 36_000, 86_400, 172_800, 604_800];
const SPARSE_S = [1, 10, 60, 600, 3600, 36_000, 86_400, 864_000];
const SHORT_S = [-6, -5, -4, -3, -2, -1].map((exponent) => 10 ** exponent);

function durationLadder(low: number, high: number): number[] {
  const within = (value: number): boolean => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  const dense = [...SHORT_S.flatMap((power) => [power, 2 * power, 5 * power]), ...LONG_S].filter(within);
  if (dense.length <= 9) return dense;
  return [...SHORT_S, ...SPARSE_S].filter(within);
}

function decades(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const count = Math.max(1, Math.floor(Math.log10(high) + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, index) => 10 ** (first + index));
}

/** Formats a duration of a round number of seconds: `20 ms`, `5 s`, `10 min`, `2 h`. */
export function formatTick(seconds: number): string {
  if (seconds === 0) return '0';
  if (seconds < 0.001) return `${trim(seconds * 1e6)} µs`;
  if (seconds < 1) return `${trim(seconds * 1000)} ms`;
  if (seconds < MINUTE_S) return `${trim(seconds)} s`;
  if (seconds < HOUR_S) return `${trim(seconds / MINUTE_S)} min`;
  return seconds < DAY_S ? `${trim(seconds / HOUR_S)} h` : `${trim(seconds / DAY_S)} d`;
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}
