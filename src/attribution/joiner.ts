import type { Exchange } from '../../mock-server/exchange.ts';
import type { ProviderView } from '../../mock-server/reply.ts';
import { wordsHash } from '../../mock-server/similarity/words-hash.ts';
import type { AttemptRecord, JoinedBy } from '../journal/record.ts';
import { among, type Found } from './among.ts';
import { Lags } from './lags.ts';
import { isNew, type KnownCall, Roster, Senders } from './roster.ts';

/** An attempt that has ended. */
type Ended = Pick<Exchange, 'sight' | 'promptHash' | 'startUs' | 'endUs'>;

/** Joins attempts to calls that a runner starts, while it runs. Microseconds on the clock of the exchanges. */
export interface Joiner {
  /** A call is about to start. Calls are told in the order of their start, and of their end. */
  begins(call: { readonly id: number; readonly prompt: string }, atUs: number): void;
  ends(id: number, atUs: number): void;
  /** To which call an attempt that has ended belongs, and what says so. */
  join(exchange: Ended): Pick<AttemptRecord, 'call' | 'joinedBy'>;
}

/** Of calls that have ended, the last so many are remembered. */
const MOST_ENDED = 10_000;

/**
 * Joins an attempt by the best rung that tells (`backoff.md` section 2): the tag that the runner put in; an idempotency key
 * that one call has sent; its text, where it is the prompt of one call alone that was open when the attempt came, or of
 * several of which one alone could send it then (`among.ts`); a body that one call alone has sent, as the retries of
 * undici's RetryAgent that have lost their context; or that a single call was open. What may be more than one call's is
 * joined to nothing. A call that ended less than a second before counts where none was open.
 */
export function createJoiner(mostEnded = MOST_ENDED): Joiner {
  const calls = new Map<number, KnownCall>();
  const known: Known = {
    all: new Roster(),
    lags: new Lags(),
    prompts: new Map(),
    bodies: new Senders(),
    keys: new Senders(),
  };
  const ended: KnownCall[] = [];
  let forgottenUs = -Infinity;

  return {
    begins({ id, prompt }, atUs) {
      const promptHash = wordsHash(prompt);
      const sent = { bodies: [], keys: [], last: undefined, mayHaveMore: false };
      const call: KnownCall = { id, promptHash, beganUs: atUs, endedUs: Infinity, ...sent };
      calls.set(id, call);
      known.all.begins(call);
      const same = known.prompts.get(promptHash);
      if (same) same.begins(call);
      else known.prompts.set(promptHash, rosterOf(call));
    },
    ends(id, atUs) {
      const call = calls.get(id);
      if (!call || call.endedUs !== Infinity) return;
      call.endedUs = atUs;
      known.all.ends(call);
      known.prompts.get(call.promptHash)!.ends(call);
      if (ended.push(call) <= mostEnded) return;
      const oldest = ended.shift()!;
      forgottenUs = oldest.endedUs;
      calls.delete(oldest.id);
      forget(known, oldest);
    },
    join(exchange) {
      const tag = tagOf(exchange.sight);
      if (tag !== undefined) {
        learn(known, calls.get(tag), exchange, 'tag');
        return { call: tag, joinedBy: 'tag' };
      }
      // A call that is forgotten may have been open when such an old attempt came: those that are left prove nothing.
      const isOld = exchange.startUs <= forgottenUs;
      const found = byKey(known, exchange.sight) ?? (isOld ? undefined : bySightAndTime(known, exchange));
      if (!found) return { call: null, joinedBy: 'none' };
      learn(known, found.call, exchange, found.by);
      return { call: found.call.id, joinedBy: found.by };
    },
  };
}

/** Of more calls that ask the same at one time nothing tells whose an attempt is. */
const MOST_ASKING = 50;

interface Known {
  readonly all: Roster;
  /** From the start of a call to its first attempt. */
  readonly lags: Lags;
  readonly prompts: Map<string, Roster>;
  readonly bodies: Senders;
  readonly keys: Senders;
}

function rosterOf(call: KnownCall): Roster {
  const roster = new Roster(MOST_ASKING);
  roster.begins(call);
  return roster;
}

function forget({ all, prompts, bodies, keys }: Known, call: KnownCall): void {
  all.forget(call);
  const same = prompts.get(call.promptHash)!;
  same.forget(call);
  if (same.size === 0) prompts.delete(call.promptHash);
  for (const body of call.bodies) bodies.forget(body, call);
  for (const key of call.keys) keys.forget(key, call);
}

function tagOf({ callTag }: ProviderView): number | undefined {
  return callTag !== undefined && /^\d+$/.test(callTag) ? Number(callTag) : undefined;
}

function keyOf({ key, idempotencyKey }: ProviderView): string | undefined {
  return idempotencyKey === undefined ? undefined : `${key} ${idempotencyKey}`;
}

/** What an attempt that belongs to a call tells of others that do. */
function learn(known: Known, call: KnownCall | undefined, { sight, startUs, endUs }: Ended, by: JoinedBy): void {
  if (!call) return;
  const { bodyHash, retryCount } = sight;
  if (!call.last && !call.mayHaveMore) known.lags.add(startUs - call.beganUs);
  call.last = { startUs, endUs, retryCount };
  if (!call.bodies.includes(bodyHash)) {
    call.bodies.push(bodyHash);
    known.bodies.add(bodyHash, call, by);
  }
  const key = keyOf(sight);
  if (key === undefined || call.keys.includes(key)) return;
  call.keys.push(key);
  known.keys.add(key, call, by);
}

/** A key says for certain that two attempts are of one call; of which, only what joined the first of them. */
function byKey({ keys }: Known, sight: ProviderView): Found | undefined {
  const key = keyOf(sight);
  const sender = key === undefined ? undefined : keys.only(key);
  return sender && { call: sender.call, by: sender.by === 'tag' ? 'idempotency' : sender.by };
}

function bySightAndTime(known: Known, { sight, promptHash, startUs }: Ended): Found | undefined {
  const same = known.prompts.get(promptHash ?? '');
  const asking = same ? same.at(startUs) : [];
  if (!asking) return undefined;
  if (asking.length === 1) return { call: asking[0]!, by: 'prompt' };
  if (asking.length > 1) return among(asking, sight, startUs, known.lags.longestUs());
  // What another call was to ask is not asked for the only one that is open.
  if (same) return undefined;
  const sender = known.bodies.only(sight.bodyHash)?.call;
  const open = known.all.at(startUs)!;
  if (sender && open.includes(sender)) {
    // One that has just begun may send the same.
    const lagUs = known.lags.longestUs() ?? 0;
    const isOthers = open.some((call) => call !== sender && isNew(call) && startUs - call.beganUs <= lagUs);
    return isOthers ? undefined : { call: sender, by: 'body-hash' };
  }
  const [only] = open;
  return open.length === 1 && only!.endedUs >= startUs ? { call: only!, by: 'only-open' } : undefined;
}
