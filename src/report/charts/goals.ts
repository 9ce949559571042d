import { durationText } from './words.ts';

/** A bound on the duration of calls, from a threshold. */
export interface DurationGoal {
  readonly label: string;
  readonly boundUs: number;
  readonly ok: boolean;
}

interface Threshold {
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
}

const UNITS_US: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1e6, m: 60e6, h: 3600e6 };

/** Returns the upper bounds that thresholds set on the duration of all calls. */
export function durationGoals(thresholds: readonly Threshold[]): DurationGoal[] {
  return thresholds.flatMap(({ metric, expression, ok }) => {
    const boundUs = metric === 'call_duration' ? upperBoundUs(expression) : undefined;
    return boundUs === undefined ? [] : [{ label: `goal: ${spaced(expression)}`, boundUs, ok }];
  });
}

/** Returns the bound of `p(95)<20s` in microseconds; a plain number is in milliseconds, as in k6. */
export function upperBoundUs(expression: string): number | undefined {
  const [, bound] = /^[a-z()\d.]+\s*<=?\s*(\S+)$/.exec(expression.trim()) ?? [];
  if (bound === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(bound)) return Number(bound) * 1000;
  const parts = [...bound.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)];
  if (parts.map(([text]) => text).join('') !== bound) return undefined;
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS_US[unit!]!, 0);
}

/** Returns the bound of `rate<0.01` or `rate<1%` as a share. */
export function upperBoundShare(expression: string): number | undefined {
  const [, bound, percent] = /^rate\s*<=?\s*(\d+(?:\.\d+)?)(%?)$/.exec(expression.trim()) ?? [];
  if (bound === undefined) return undefined;
  return percent === '%' ? Number(bound) / 100 : Number(bound);
}

function spaced(expression: string): string {
  return expression.replace(/\s*(<=?|>=?)\s*/, ' $1 ');
}

/** Says that a goal, `call_failed rate<0.01` or the id of a verdict, is missed. */
export function goalText(goal: string): string {
  const [metric = '', ...rest] = goal.split(' ');
  const expression = rest.join(' ');
  const share = metric === 'call_failed' ? upperBoundShare(expression) : undefined;
  if (share !== undefined) return `${Number((100 * share).toPrecision(3))} % or more of calls fail`;
  const boundUs = metric === 'call_duration' ? upperBoundUs(expression) : undefined;
  const of = /^[a-z]+\(?\d*\)?/.exec(expression)?.[0];
  if (boundUs !== undefined) return `${of} of calls is over ${durationText(boundUs)}`;
  return `${goal} fails`;
}
