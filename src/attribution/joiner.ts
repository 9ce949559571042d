import type { Exchange } from '../../mock-server/exchange.ts';
import type { Sight } from '../../mock-server/reply.ts';
import { simHash, toHex } from '../../mock-server/similarity/simhash.ts';
import type { AttemptRecord, JoinedBy } from '../journal/record.ts';
import { type KnownCall, Roster, Senders } from './roster.ts';

/** Joins attempts to calls that a runner starts, while it runs. Microseconds on the clock of the exchanges. */
export interface Joiner {
  /** A call is about to start. Calls are told in the order of their start, and of their end. */
  begins(call: { readonly id: number; readonly prompt: string }, atUs: number): void;
  ends(id: number, atUs: number): void;
  /** To which call an attempt that has ended belongs, and what says so. */
  join(exchange: Pick<Exchange, 'sight' | 'startUs'>): Pick<AttemptRecord, 'call' | 'joinedBy'>;
}

interface Found {
  readonly call: KnownCall;
  readonly by: JoinedBy;
}

/** Of calls that have ended, the last so many are remembered. */
const MOST_ENDED = 10_000;

/**
 * Joins an attempt by the best rung that tells (`backoff.md` section 2): the tag that the runner put in; an idempotency key that
 * one call has sent; its text, where it is the prompt of one call alone that was open when the attempt came, or of several
 * and the SDK's count of retries or the body fits one of them; a body that one call alone has sent, as the retries of undici's
 * RetryAgent that have lost their context; or that a single call was open. What may be more than one call's is joined to
 * nothing. A call that ended less than a second before counts where none was open.
 */
export function createJoiner(mostEnded = MOST_ENDED): Joiner {
  const calls = new Map<number, KnownCall>();
  const known: Known = { all: new Roster(), prompts: new Map(), bodies: new Senders(), keys: new Senders() };
  const ended: KnownCall[] = [];
  let forgottenUs = -Infinity;

  return {
    begins({ id, prompt }, atUs) {
      const textHash = toHex(simHash(prompt));
      const call = {
        id,
        textHash,
        beganUs: atUs,
        endedUs: Infinity,
        bodies: new Set<string>(),
        keys: new Set<string>(),
      };
      calls.set(id, call);
      known.all.begins(call);
      const same = known.prompts.get(textHash);
      if (same) same.begins(call);
      else known.prompts.set(textHash, rosterOf(call));
    },
    ends(id, atUs) {
      const call = calls.get(id);
      if (!call || call.endedUs !== Infinity) return;
      call.endedUs = atUs;
      known.all.ends(call);
      known.prompts.get(call.textHash)!.ends(call);
      if (ended.push(call) <= mostEnded) return;
      const oldest = ended.shift()!;
      forgottenUs = oldest.endedUs;
      calls.delete(oldest.id);
      forget(known, oldest);
    },
    join({ sight, startUs }) {
      const tag = tagOf(sight);
      if (tag !== undefined) {
        learn(known, calls.get(tag), sight, 'tag');
        return { call: tag, joinedBy: 'tag' };
      }
      // A call that is forgotten may have been open when such an old attempt came: those that are left prove nothing.
      const found = byKey(known, sight) ?? (startUs > forgottenUs ? bySightAndTime(known, sight, startUs) : undefined);
      if (!found) return { call: null, joinedBy: 'none' };
      learn(known, found.call, sight, found.by);
      return { call: found.call.id, joinedBy: found.by };
    },
  };
}

interface Known {
  readonly all: Roster;
  readonly prompts: Map<string, Roster>;
  readonly bodies: Senders;
  readonly keys: Senders;
}

function rosterOf(call: KnownCall): Roster {
  const roster = new Roster();
  roster.begins(call);
  return roster;
}

function forget({ all, prompts, bodies, keys }: Known, call: KnownCall): void {
  all.forget(call);
  const same = prompts.get(call.textHash)!;
  same.forget(call);
  if (same.size === 0) prompts.delete(call.textHash);
  for (const body of call.bodies) bodies.forget(body, call);
  for (const key of call.keys) keys.forget(key, call);
}

function tagOf({ callTag }: Sight): number | undefined {
  return callTag !== undefined && /^\d+$/.test(callTag) ? Number(callTag) : undefined;
}

function keyOf({ key, idempotencyKey }: Sight): string | undefined {
  return idempotencyKey === undefined ? undefined : `${key} ${idempotencyKey}`;
}

/** What an attempt that belongs to a call tells of others that do. */
function learn(known: Known, call: KnownCall | undefined, sight: Sight, by: JoinedBy): void {
  if (!call) return;
  const { bodyHash, retryCount } = sight;
  if (retryCount !== undefined) call.retryCount = retryCount;
  if (!call.bodies.has(bodyHash)) {
    call.bodies.add(bodyHash);
    known.bodies.add(bodyHash, call, by);
  }
  const key = keyOf(sight);
  if (key === undefined || call.keys.has(key)) return;
  call.keys.add(key);
  known.keys.add(key, call, by);
}

/** A key says for certain that two attempts are of one call; of which, only what joined the first of them. */
function byKey({ keys }: Known, sight: Sight): Found | undefined {
  const key = keyOf(sight);
  const sender = key === undefined ? undefined : keys.only(key);
  return sender && { call: sender.call, by: sender.by === 'tag' ? 'idempotency' : sender.by };
}

function bySightAndTime(known: Known, sight: Sight, startUs: number): Found | undefined {
  const same = known.prompts.get(sight.textHash ?? '');
  const asking = same?.at(startUs) ?? [];
  if (asking.length === 1) return { call: asking[0]!, by: 'prompt' };
  if (asking.length > 1) return byCount(asking, sight) ?? byBodyAmong(asking, sight);
  const sender = known.bodies.only(sight.bodyHash)?.call;
  const open = known.all.at(startUs);
  if (sender && open.includes(sender)) return { call: sender, by: 'body-hash' };
  const [only] = open;
  // What another call was to ask is not asked for this one.
  if (same) return undefined;
  return open.length === 1 && only!.endedUs >= startUs ? { call: only!, by: 'only-open' } : undefined;
}

/** Retry n follows attempt n − 1, a first attempt none. Of a call whose count is not known, a retry may be any. */
function byCount(asking: readonly KnownCall[], { retryCount: n }: Sight): Found | undefined {
  if (n === undefined) return undefined;
  const may = asking.filter(({ retryCount }) => retryCount === undefined || (n > 0 && retryCount === n - 1));
  const [only] = may;
  if (may.length !== 1 || (n > 0 && only!.retryCount === undefined)) return undefined;
  return { call: only!, by: 'retry-count' };
}

/** One call has sent this body, and none of the others is yet to show what it sends. */
function byBodyAmong(asking: readonly KnownCall[], { bodyHash }: Sight): Found | undefined {
  const may = asking.filter(({ bodies }) => bodies.size === 0 || bodies.has(bodyHash));
  const [only] = may;
  return may.length === 1 && only!.bodies.size > 0 ? { call: only!, by: 'body-hash' } : undefined;
}
