import { isAnswered } from '../../mock-server/ending.ts';
import type { JoinedBy } from '../journal/call-records.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import { type JoinOptions, joinByBody } from './join-by-body.ts';
import { type AttemptChain, joinByCount } from './join-by-count.ts';
import { joinByWait } from './join-by-wait.ts';
import { learnRetryWaits } from './waits.ts';

/** The attempts of one call, in order of start, and the rung that joined each. */
export interface CallAttempts<Attempt extends AttemptTrace> {
  readonly attempts: readonly Attempt[];
  readonly by: ReadonlyMap<Attempt, JoinedBy>;
}

/**
 * Groups attempts by call with the best rung that applies (`backoff.md` section 2): a shared idempotency key, marker or
 * parent span; the SDK's retry count; a body sent again, if no other call sent it or if the wait is one that this client
 * uses elsewhere. If an attempt may belong to several calls, it and the attempts that it may follow are in no group.
 * Expects `attempts` in order of start and returns the groups in that order.
 */
export function groupByCall<Attempt extends AttemptTrace>(
  attempts: readonly Attempt[],
  options: JoinOptions = {},
): CallAttempts<Attempt>[] {
  const byId = new Map<string, Attempt[]>();
  const rest: Attempt[] = [];
  for (const attempt of attempts) {
    const id = explicitCallId(attempt);
    if (id === undefined) rest.push(attempt);
    else if (byId.has(id)) byId.get(id)!.push(attempt);
    else byId.set(id, [attempt]);
  }
  const explicit: CallAttempts<Attempt>[] = [];
  for (const sameId of byId.values()) {
    if (isOneCall(sameId)) explicit.push(createGroup([{ attempts: sameId, by: explicitRung(sameId[0]!) }]));
    else for (const attempt of sameId) rest.push(attempt);
  }
  rest.sort((a, b) => a.startUs - b.startUs);
  const { chains, uncounted } = joinByCount(rest);
  const { calls, ambiguous } = joinByBody(chains, uncounted, options);
  const certain = [...explicit, ...calls.map(createGroup)];
  const waits = learnRetryWaits(certain.map((group) => group.attempts));
  const byWait = waits ? ambiguous.flatMap((sameBody) => joinByWait(sameBody, waits)) : [];
  const groups = [...certain, ...byWait.map((joined) => createGroup([{ attempts: joined, by: 'body-hash' }]))];
  return groups.sort((a, b) => a.attempts[0]!.startUs - b.attempts[0]!.startUs);
}

/** Maps each grouped attempt to the number of its call, from 1, and the rung that joined it. */
export function callsByAttempt<Attempt extends AttemptTrace>(
  groups: readonly CallAttempts<Attempt>[],
): Map<Attempt, { readonly id: number; readonly by: JoinedBy }> {
  const callOf = new Map<Attempt, { readonly id: number; readonly by: JoinedBy }>();
  for (const [index, { attempts, by }] of groups.entries()) {
    for (const attempt of attempts) callOf.set(attempt, { id: index + 1, by: by.get(attempt)! });
  }
  return callOf;
}

/**
 * An attempt after a success belongs to another call, so a marker or span with such an attempt does not identify a call. An
 * idempotency key always does.
 */
function isOneCall(attempts: readonly AttemptTrace[]): boolean {
  return attempts[0]!.idempotencyKey !== undefined || !attempts.slice(0, -1).some(isAnswered);
}

function explicitCallId({ key, idempotencyKey, marker, parentSpan, place, whole }: AttemptTrace): string | undefined {
  if (whole) return `whole ${place}`;
  if (idempotencyKey !== undefined) return `key ${key} ${idempotencyKey}`;
  if (marker !== undefined) return `marker ${marker}`;
  return parentSpan === undefined ? undefined : `span ${parentSpan}`;
}

function explicitRung({ idempotencyKey, marker, whole }: AttemptTrace): JoinedBy {
  if (whole) return 'parent-span';
  if (idempotencyKey !== undefined) return 'idempotency';
  return marker === undefined ? 'parent-span' : 'marker';
}

/** The first attempt of each later chain was joined by its body, the others by the rung of their chain. */
function createGroup<Attempt extends AttemptTrace>(chains: readonly AttemptChain<Attempt>[]): CallAttempts<Attempt> {
  const by = new Map<Attempt, JoinedBy>();
  for (const [chainIndex, chain] of chains.entries()) {
    for (const [index, attempt] of chain.attempts.entries()) {
      by.set(attempt, chainIndex > 0 && index === 0 ? 'body-hash' : chain.by);
    }
  }
  return { attempts: chains.flatMap(({ attempts }) => attempts), by };
}
