import type { Unit } from '../admission/limit.ts';

/** Words for periods in messages about limits, in microseconds. */
export const PERIOD_WORDS: Readonly<Record<string, number>> = {
  sec: 1e6,
  second: 1e6,
  min: 60e6,
  minute: 60e6,
  hour: 3600e6,
  day: 86_400e6,
  week: 604_800e6,
};

/** Words for units in messages about limits. */
export const UNIT_WORDS: ReadonlyMap<string, Unit> = new Map([
  ['requests', 'requests'],
  ['tokens', 'tokens'],
  ['input tokens', 'input-tokens'],
  ['output tokens', 'output-tokens'],
  ['images', 'images'],
  ['concurrent requests', 'concurrent'],
  ['concurrent connections', 'concurrent'],
]);
