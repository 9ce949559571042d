import type { Group } from '../attribution/attribute.ts';
import type { JoinedBy, MissingFact } from '../journal/record.ts';
import type { Seen } from './seen.ts';

/** Fewer than this share without a fact, and what is computed from the rest stands. */
const MOST_WITHOUT = 0.05;
/** Waits are compared with each other: a clock that is coarser than this makes them look equal. */
const COARSE_US = 100_000;
/** Rungs that say by themselves that the same request was sent. */
const SAME: readonly JoinedBy[] = ['idempotency', 'retry-count', 'body-hash'];

/** What a recording does not tell. Limits and what callers got are in none. */
export function missingFacts(seen: readonly Seen[], groups: readonly Group<Seen>[]): MissingFact[] {
  const answered = seen.filter(({ outcome }) => outcome === 'response');
  const charged = seen.filter(({ status }) => status >= 200 && status < 300);
  const bodiless = groups.some(({ attempts, by }) =>
    attempts.some((one) => attempts.length > 1 && one.bodyHash === undefined && !SAME.includes(by.get(one)!)),
  );
  const facts: [MissingFact, boolean][] = [
    ['limits', true],
    ['caller', true],
    ['durations', isRare(answered, ({ endUs }) => endUs !== undefined)],
    ['fine-clock', resolutionOf(seen) >= COARSE_US],
    ['bodies', bodiless || seen.every(({ bodyHash }) => bodyHash === undefined)],
    ['request-headers', isRare(seen, ({ hasHeaders }) => hasHeaders)],
    ['tokens', isRare(charged, ({ promptTokens }) => promptTokens !== undefined)],
    ['inner-attempts', seen.some(({ whole }) => whole)],
  ];
  return facts.filter(([, missing]) => missing).map(([fact]) => fact);
}

/** How exact moments are: the finest that was written, since zeros at the end of a number are not. Microseconds. */
export function resolutionOf(seen: readonly Seen[]): number {
  return seen.reduce((least, { resolutionUs }) => Math.min(least, resolutionUs), Infinity);
}

/** Of those that should have it, more than a few have it not. */
function isRare(all: readonly Seen[], has: (one: Seen) => boolean): boolean {
  return all.filter((one) => !has(one)).length > all.length * MOST_WITHOUT;
}
