import type { JoinedBy } from '../journal/record.ts';
import { succeeded } from './ending.ts';
import { joinByBody } from './join-by-body.ts';
import { joinByCount, type Unit } from './join-by-count.ts';
import type { Seen } from './seen.ts';

/** Attempts of one call, in order of start, and what joined each. */
export interface Group {
  readonly attempts: readonly Seen[];
  readonly by: ReadonlyMap<Seen, JoinedBy>;
}

/**
 * Which attempts belong to one call, best rung first (`backoff.md` section 2): a key, marker or parent span that they share, the
 * SDK's count of retries, one body sent again. Where more than one call could have made an attempt, neither it nor those that it
 * may continue are joined: they are in no group. `seen` is in order of start.
 */
export function attribute(seen: readonly Seen[]): Group[] {
  const shared = new Map<string, Seen[]>();
  const rest: Seen[] = [];
  for (const one of seen) {
    const name = sharedName(one);
    if (name === undefined) rest.push(one);
    else if (shared.has(name)) shared.get(name)!.push(one);
    else shared.set(name, [one]);
  }
  const explicit: Group[] = [];
  for (const attempts of shared.values()) {
    if (isOneCall(attempts)) explicit.push(groupOf([{ attempts, by: rungOf(attempts[0]!) }]));
    else rest.push(...attempts);
  }
  rest.sort((a, b) => a.startUs - b.startUs);
  const { units, uncounted } = joinByCount(rest);
  return [...explicit, ...joinByBody(units, uncounted).map(groupOf)];
}

/** What goes on after a success is another call: then the marker or span is not one call's own. A key is, whatever comes after. */
function isOneCall(attempts: readonly Seen[]): boolean {
  return attempts[0]!.sight.idempotencyKey !== undefined || !attempts.slice(0, -1).some(succeeded);
}

function sharedName({ sight, marker, parentSpan, place, whole }: Seen): string | undefined {
  if (whole) return `whole ${place}`;
  if (sight.idempotencyKey !== undefined) return `key ${sight.key} ${sight.idempotencyKey}`;
  if (marker !== undefined) return `marker ${marker}`;
  return parentSpan === undefined ? undefined : `span ${parentSpan}`;
}

function rungOf({ sight, marker, whole }: Seen): JoinedBy {
  if (whole) return 'parent-span';
  if (sight.idempotencyKey !== undefined) return 'idempotency';
  return marker === undefined ? 'parent-span' : 'marker';
}

/** The first of a later unit is what the body joined; what follows it has its own rung. */
function groupOf(units: readonly Unit[]): Group {
  const by = new Map<Seen, JoinedBy>();
  for (const [index, unit] of units.entries()) {
    for (const [place, attempt] of unit.attempts.entries()) {
      by.set(attempt, index > 0 && place === 0 ? 'body-hash' : unit.by);
    }
  }
  return { attempts: units.flatMap(({ attempts }) => attempts), by };
}
