import { isAnswered } from '../../mock-server/exchange.ts';
import { endOf, LONGEST_WAIT_US, mayBeRetried, resolutionOf, retryWindowUs, toldUs } from './ending.ts';
import type { Unit } from './join-by-count.ts';
import type { Trace } from './trace.ts';

export interface JoinOptions {
  readonly keysTakeTurns?: boolean;
}

/** Units that may be one call: each but the first began after a failure, not long after. */
type Cluster<One extends Trace> = readonly Unit<One>[];

/**
 * Joins units of attempts that sent the same body with the same key one after the other: a call of its own where the body
 * was sent by nobody else at the time, and each but the last failed so that it may be tried again, within the window of
 * section 2 of `backoff.md`. A body that others send too tells nothing by itself (13 % of such links were right): attempts
 * of one that are not counted are doubtful, those that may belong together side by side. Attempts whose body is not known
 * are joined to nothing. `keysTakeTurns`: all is one program's, whose calls may change their key from attempt to attempt;
 * where one that is clear does, a key tells none apart.
 */
export function joinByBody<One extends Trace>(
  counted: readonly Unit<One>[],
  uncounted: readonly One[],
  { keysTakeTurns = false }: JoinOptions = {},
): { calls: Unit<One>[][]; doubtful: One[][] } {
  const units = [...counted, ...uncounted.map((attempt): Unit<One> => ({ attempts: [attempt], by: 'body-hash' }))];
  const known = units.filter(({ attempts: [first] }) => first!.bodyHash !== undefined);
  const unknown = counted.filter(({ attempts: [first] }) => first!.bodyHash === undefined);
  const byBody = Map.groupBy(known, ({ attempts: [first] }) => `${first!.host} ${first!.bodyHash}`);
  const calls = unknown.map((unit) => [unit]);
  const doubtful: One[][] = [];
  for (const same of byBody.values()) same.sort((a, b) => a.attempts[0]!.startUs - b.attempts[0]!.startUs);
  const together = [...byBody.values()].flatMap(neighbourhoods);
  const apart = !keysTakeTurns || !together.some(changesKey);
  for (const units of apart ? together.flatMap(ofOneKey) : together) {
    const found = callsIn(units);
    calls.push(...found);
    if (found.length === 0 && units.every(({ by }) => by === 'body-hash')) {
      doubtful.push(units.flatMap(({ attempts }) => attempts));
    }
  }
  return { calls, doubtful };
}

/** One call whose attempts have several keys. */
function changesKey<One extends Trace>(units: readonly Unit<One>[]): boolean {
  const [first] = units;
  return units.some(({ attempts }) => attempts[0]!.key !== first!.attempts[0]!.key) && isOneCall(units);
}

function ofOneKey<One extends Trace>(units: readonly Unit<One>[]): Unit<One>[][] {
  return [...Map.groupBy(units, ({ attempts: [first] }) => first!.key).values()].flatMap(neighbourhoods);
}

/** Units of one body, apart where so long a time lies between them that none can be a retry of another. */
function neighbourhoods<One extends Trace>(units: readonly Unit<One>[]): Unit<One>[][] {
  const groups: Unit<One>[][] = [];
  let untilUs = -Infinity;
  for (const unit of units) {
    if (unit.attempts[0]!.startUs <= untilUs) groups.at(-1)!.push(unit);
    else groups.push([unit]);
    untilUs = Math.max(untilUs, endOf(unit.attempts.at(-1)!) + LONGEST_WAIT_US);
  }
  return groups;
}

function callsIn<One extends Trace>(units: readonly Unit<One>[]): Unit<One>[][] {
  const clusters = clustersOf(units);
  if (clusters.every((cluster) => cluster.length === 1)) return clusters.map((cluster) => [...cluster]);
  if (isOneCall(units)) return [[...units]];
  // What was counted stands by itself, if it is clear that others send this body too; what was not may be anybody's.
  return clusters.length === 1 ? [] : units.filter(({ by }) => by === 'retry-count').map((unit) => [unit]);
}

function isOneCall<One extends Trace>(units: readonly Unit<One>[]): boolean {
  const isChain = units.every((unit, index) => index === 0 || isRetry(units[index - 1]!, unit));
  return isChain && clustersOf(units).length === 1;
}

/** A new cluster begins where everything before had succeeded. */
function clustersOf<One extends Trace>(units: readonly Unit<One>[]): Cluster<One>[] {
  const clusters: Unit<One>[][] = [];
  for (const unit of units) {
    const before = clusters.at(-1);
    if (before && !isAnswered(before.at(-1)!.attempts.at(-1)!)) before.push(unit);
    else clusters.push([unit]);
  }
  return clusters;
}

function isRetry<One extends Trace>(before: Unit<One>, next: Unit<One>): boolean {
  const last = before.attempts.at(-1)!;
  const waitUs = next.attempts[0]!.startUs - toldUs(last);
  return mayBeRetried(last) && waitUs >= -resolutionOf(last) && waitUs <= retryWindowUs(last);
}
