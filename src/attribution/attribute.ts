import { isAnswered } from '../../mock-server/exchange.ts';
import type { JoinedBy } from '../journal/record.ts';

import { type JoinOptions, joinByBody } from './join-by-body.ts';
import { joinByCount, type Unit } from './join-by-count.ts';
import { joinByWait } from './join-by-wait.ts';
import type { Trace } from './trace.ts';
import { learnWaits } from './waits.ts';

/** Attempts of one call, in order of start, and what joined each. */
export interface Group<One extends Trace> {
  readonly attempts: readonly One[];
  readonly by: ReadonlyMap<One, JoinedBy>;
}

/**
 * Which attempts belong to one call, best rung first (`backoff.md` section 2): a key, marker or parent span that they share,
 * the SDK's count of retries, one body sent again: alone, or after as long as this client waits elsewhere. Where more than
 * one call could have made an attempt, neither it nor those that it may continue are joined: they are in no group. `seen` is
 * in order of start, and so are the groups.
 */
export function attribute<One extends Trace>(seen: readonly One[], options: JoinOptions = {}): Group<One>[] {
  const shared = new Map<string, One[]>();
  const rest: One[] = [];
  for (const one of seen) {
    const name = sharedName(one);
    if (name === undefined) rest.push(one);
    else if (shared.has(name)) shared.get(name)!.push(one);
    else shared.set(name, [one]);
  }
  const explicit: Group<One>[] = [];
  for (const attempts of shared.values()) {
    if (isOneCall(attempts)) explicit.push(groupOf([{ attempts, by: rungOf(attempts[0]!) }]));
    else rest.push(...attempts);
  }
  rest.sort((a, b) => a.startUs - b.startUs);
  const { units, uncounted } = joinByCount(rest);
  const { calls, doubtful } = joinByBody(units, uncounted, options);
  const clear = [...explicit, ...calls.map(groupOf)];
  const waits = learnWaits(clear.map(({ attempts }) => attempts));
  const byWait = waits ? doubtful.flatMap((same) => joinByWait(same, waits)) : [];
  const groups = [...clear, ...byWait.map((attempts) => groupOf([{ attempts, by: 'body-hash' }]))];
  return groups.sort((a, b) => a.attempts[0]!.startUs - b.attempts[0]!.startUs);
}

/** The number of its group, from 1, and what joined it there, of each attempt that is in one. */
export function callsByAttempt<One extends Trace>(
  groups: readonly Group<One>[],
): Map<One, { readonly id: number; readonly by: JoinedBy }> {
  const callOf = new Map<One, { readonly id: number; readonly by: JoinedBy }>();
  for (const [index, { attempts, by }] of groups.entries()) {
    for (const one of attempts) callOf.set(one, { id: index + 1, by: by.get(one)! });
  }
  return callOf;
}

/**
 * What goes on after a success is another call: then the marker or span is not one call's own. A key is, whatever comes
 * after.
 */
function isOneCall(attempts: readonly Trace[]): boolean {
  return attempts[0]!.idempotencyKey !== undefined || !attempts.slice(0, -1).some(isAnswered);
}

function sharedName({ key, idempotencyKey, marker, parentSpan, place, whole }: Trace): string | undefined {
  if (whole) return `whole ${place}`;
  if (idempotencyKey !== undefined) return `key ${key} ${idempotencyKey}`;
  if (marker !== undefined) return `marker ${marker}`;
  return parentSpan === undefined ? undefined : `span ${parentSpan}`;
}

function rungOf({ idempotencyKey, marker, whole }: Trace): JoinedBy {
  if (whole) return 'parent-span';
  if (idempotencyKey !== undefined) return 'idempotency';
  return marker === undefined ? 'parent-span' : 'marker';
}

/** The first of a later unit is what the body joined; what follows it has its own rung. */
function groupOf<One extends Trace>(units: readonly Unit<One>[]): Group<One> {
  const by = new Map<One, JoinedBy>();
  for (const [index, unit] of units.entries()) {
    for (const [place, attempt] of unit.attempts.entries()) {
      by.set(attempt, index > 0 && place === 0 ? 'body-hash' : unit.by);
    }
  }
  return { attempts: units.flatMap(({ attempts }) => attempts), by };
}
