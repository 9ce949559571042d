import { isAnswered } from '../../mock-server/exchange.ts';
import { endOf, mayBeRetried, toldUs } from './ending.ts';
import type { Trace } from './trace.ts';

/** A span of time, both ends in it. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * How a client goes on after a failure: never, always and so long after it, or nobody knows. Spans are of moments, on the
 * clock of the attempts.
 */
export type GoesOn = 'never' | 'unknown' | Span;

/** How a client tries again, as the calls that are clear show it. */
export interface Waits {
  /** After the `number`th attempt of a call. */
  after(failed: Trace, number: number): GoesOn;
  /** After a failure that may have been any attempt of a call: never, or the span that holds all others. */
  afterAny(failed: Trace): GoesOn;
}

/** So many clear cases show what a client does. */
const LEAST_CASES = 20;
/** What failed so near the end may have been tried again after it. */
const NEAR_END_US = 30_000_000;
/** Always or never, but for so few. */
const RARE = 0.02;
/** What is seen of a range of waits is not all of it. */
const MARGIN_SHARE = 0.25;
const MARGIN_US = 10_000;

interface Case {
  readonly failed: Trace;
  /** Absent for one that was not tried again. */
  readonly waitUs?: number;
}

/** Learns from calls whose attempts are known, each in order of start; of too few, nothing. */
export function learnWaits(calls: readonly (readonly Trace[])[]): Waits | undefined {
  const lastUs = calls.flat().reduce((last, one) => Math.max(last, endOf(one)), -Infinity);
  const cases = new Map<string, Case[]>();
  for (const attempts of calls) {
    for (const [index, failed] of attempts.entries()) {
      const next = attempts[index + 1];
      if (!next && (isAnswered(failed) || endOf(failed) + NEAR_END_US > lastUs)) continue;
      const one = { failed, ...(next && { waitUs: next.startUs - toldUs(failed) }) };
      for (const name of [nameOf(failed, index + 1), nameOf(failed, 'any')]) {
        const known = cases.get(name);
        if (known) known.push(one);
        else cases.set(name, [one]);
      }
    }
  }
  if (![...cases.values()].some(({ length }) => length >= LEAST_CASES)) return undefined;
  const habits = new Map([...cases].map(([name, known]) => [name, habitOf(known, name.startsWith('any'))]));
  const goesOn = (failed: Trace, number: number | 'any'): GoesOn =>
    mayBeRetried(failed) ? (habits.get(nameOf(failed, number))?.(failed) ?? 'unknown') : 'never';
  return { after: goesOn, afterAny: (failed) => goesOn(failed, 'any') };
}

/** Failures after which a client does the same. */
function nameOf({ outcome, status, retryAfterUs }: Trace, number: number | 'any'): string {
  return `${number} ${outcome === 'response' ? status : outcome} ${retryAfterUs === undefined ? '' : 'told'}`;
}

/** Most clients wait a time of their own, or from the moment that they were told: the narrower range is theirs. */
function habitOf(cases: readonly Case[], someStop: boolean): (failed: Trace) => GoesOn {
  const again = cases.filter((one) => one.waitUs !== undefined);
  const share = again.length / cases.length;
  if (cases.length < LEAST_CASES || again.length < LEAST_CASES) {
    return () => (cases.length >= LEAST_CASES && share <= RARE ? 'never' : 'unknown');
  }
  if (!someStop && share < 1 - RARE) return () => 'unknown';
  const own = rangeOf(again.map(({ waitUs }) => waitUs!));
  const told = rangeOf(again.map(({ waitUs, failed }) => waitUs! - (failed.retryAfterUs ?? 0)));
  const [range, factor] = widthOf(told) < widthOf(own) ? [told, 1] : [own, 0];
  return (failed) => {
    const fromUs = toldUs(failed) + factor * (failed.retryAfterUs ?? 0);
    return { fromUs: fromUs + range.fromUs, toUs: fromUs + range.toUs };
  };
}

function rangeOf(waits: readonly number[]): Span {
  const least = waits.reduce((a, b) => Math.min(a, b), Infinity);
  const most = waits.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = (most - least) * MARGIN_SHARE + MARGIN_US;
  return { fromUs: least - margin, toUs: most + margin };
}

function widthOf({ fromUs, toUs }: Span): number {
  return toUs - fromUs;
}
