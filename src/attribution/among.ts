import type { ProviderView } from '../../mock-server/reply.ts';
import type { JoinedBy } from '../journal/record.ts';
import { isNew, type KnownCall } from './roster.ts';

/** A call, and what says that it is the one. */
export interface Found {
  readonly call: KnownCall;
  readonly by: JoinedBy;
}

/** Calls that take longer until their first attempt have a queue of their own: when they began tells nothing. */
const LONGEST_LAG_US = 50_000;

/**
 * Of retries that wait, each comes in a span of so many microseconds with a chance of some percent at the most (waits are
 * half a second and more): that one of several does in the very moment in which a call has begun is as improbable.
 */
const MOST_WAITING_US = 20_000;

/**
 * Of several calls that ask the same, the one that an attempt must be of: the only one that could send it then. A call whose
 * first attempt is not over yet sends no other, nor does one that has another under way; a count of retries says how many
 * came before; the first attempt follows the start of its call within the time that all of late have taken (`lagUs`); a body
 * is sent again. Where two are left, neither; and of all that it may be of, nothing is certain from then on.
 */
export function among(
  asking: readonly KnownCall[],
  { retryCount, bodyHash }: ProviderView,
  startUs: number,
  lagUs: number | undefined,
): Found | undefined {
  const may = asking.filter((call) => !isUnderWay(call, startUs) && fits(call, retryCount));
  const found = alone(may, retryCount) ?? byMoment(may, startUs, lagUs, retryCount === 0) ?? byBody(may, bodyHash);
  if (!found) for (const call of may) call.mayHaveMore = true;
  return found;
}

function isUnderWay({ last }: KnownCall, us: number): boolean {
  return last !== undefined && last.startUs <= us && us < last.endUs;
}

function fits({ last, mayHaveMore }: KnownCall, n: number | undefined): boolean {
  if (n === undefined || mayHaveMore) return true;
  return n === 0 ? last === undefined : last?.retryCount === n - 1;
}

function alone(may: readonly KnownCall[], n: number | undefined): Found | undefined {
  return may.length === 1 ? { call: may[0]!, by: n === undefined ? 'prompt' : 'retry-count' } : undefined;
}

/** `isFirst`: it says of itself that it is the first of its call. */
function byMoment(may: readonly KnownCall[], startUs: number, lagUs = Infinity, isFirst: boolean): Found | undefined {
  if (lagUs > LONGEST_LAG_US) return undefined;
  const fresh = may.filter((call) => isNew(call) && startUs - call.beganUs <= lagUs);
  const waiting = may.filter((call) => !isNew(call));
  if (fresh.length === 1 && (isFirst || waiting.length * lagUs <= MOST_WAITING_US)) {
    return { call: fresh[0]!, by: 'prompt' };
  }
  return fresh.length === 0 && waiting.length === 1 ? { call: waiting[0]!, by: 'prompt' } : undefined;
}

/** One call has sent this body, and the others, all of whose attempts are known, have sent others. */
function byBody(may: readonly KnownCall[], bodyHash: string): Found | undefined {
  const left = may.filter(({ bodies, mayHaveMore }) => mayHaveMore || bodies.length === 0 || bodies.includes(bodyHash));
  const [only] = left;
  return left.length === 1 && only!.bodies.includes(bodyHash) ? { call: only!, by: 'body-hash' } : undefined;
}
