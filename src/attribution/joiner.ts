import type { Exchange } from '../../mock-server/exchange.ts';
import type { ProviderView } from '../../mock-server/reply.ts';
import { wordsHash } from '../../mock-server/similarity/words-hash.ts';
import type { AttemptRecord, JoinedBy } from '../journal/call-records.ts';
import { FirstAttemptLags } from './lags.ts';
import { type MatchedCall, matchByLag } from './match-by-lag.ts';
import { isNew, type KnownCall, OpenCalls, Senders } from './open-calls.ts';

/** An attempt that has ended. */
type EndedAttempt = Pick<Exchange, 'view' | 'promptHash' | 'startUs' | 'endUs'>;

/** Joins attempts to the calls of a runner, while it runs. Times are microseconds on the clock of the exchanges. */
export interface Joiner {
  /** Must be called in order of start, before the call's first attempt. */
  callStarted(call: { readonly id: number; readonly prompt: string }, atUs: number): void;
  /** Must be called in order of end. */
  callEnded(id: number, atUs: number): void;
  /** Returns the call of an attempt that has ended and the rung that joined them; `call` is null if no rung applies. */
  join(exchange: EndedAttempt): Pick<AttemptRecord, 'call' | 'joinedBy'>;
}

/** Ended calls that are kept in memory. */
const MAX_ENDED_CALLS = 10_000;

/**
 * Creates a joiner that uses the best rung that applies (`backoff.md` section 2):
 * 1. the tag that the runner added to the request;
 * 2. an idempotency key that exactly one call has sent;
 * 3. the prompt, if exactly one call with that prompt was open when the attempt arrived, or exactly one of several could
 *    have sent it then (`match-by-lag.ts`);
 * 4. a body that exactly one call has sent, such as a retry of undici's RetryAgent that has lost its async context;
 * 5. the only open call.
 *
 * An attempt that may belong to several calls is not joined. If no call was open, calls that ended less than a second before
 * the attempt count as open.
 */
export function createJoiner(maxEnded = MAX_ENDED_CALLS): Joiner {
  const calls = new Map<number, KnownCall>();
  const state: JoinerState = {
    calls: new OpenCalls(),
    lags: new FirstAttemptLags(),
    byPrompt: new Map(),
    bodies: new Senders(),
    keys: new Senders(),
  };
  const ended: KnownCall[] = [];
  let forgottenUs = -Infinity;

  return {
    callStarted({ id, prompt }, atUs) {
      const call: KnownCall = {
        id,
        promptHash: wordsHash(prompt),
        startedUs: atUs,
        endedUs: Infinity,
        bodies: [],
        keys: [],
        lastAttempt: undefined,
        mayHaveUnmatchedAttempt: false,
      };
      calls.set(id, call);
      state.calls.add(call);
      const samePrompt = state.byPrompt.get(call.promptHash) ?? new OpenCalls(MAX_SAME_PROMPT_CALLS);
      samePrompt.add(call);
      state.byPrompt.set(call.promptHash, samePrompt);
    },
    callEnded(id, atUs) {
      const call = calls.get(id);
      if (!call || call.endedUs !== Infinity) return;
      call.endedUs = atUs;
      state.calls.markEnded(call);
      state.byPrompt.get(call.promptHash)!.markEnded(call);
      if (ended.push(call) <= maxEnded) return;
      const oldest = ended.shift()!;
      forgottenUs = oldest.endedUs;
      calls.delete(oldest.id);
      forgetCall(state, oldest);
    },
    join(exchange) {
      const tag = parseCallTag(exchange.view);
      if (tag !== undefined) {
        recordMatch(state, calls.get(tag), exchange, 'tag');
        return { call: tag, joinedBy: 'tag' };
      }
      // A forgotten call may have been open when such an old attempt arrived, so a match with the remaining calls is not certain.
      const isOld = exchange.startUs <= forgottenUs;
      const matched = matchByKey(state, exchange.view) ?? (isOld ? undefined : matchByPromptAndTime(state, exchange));
      if (!matched) return { call: null, joinedBy: 'none' };
      recordMatch(state, matched.call, exchange, matched.by);
      return { call: matched.call.id, joinedBy: matched.by };
    },
  };
}

/** If more open calls than this share a prompt, attempts with that prompt are not matched. */
const MAX_SAME_PROMPT_CALLS = 50;

interface JoinerState {
  readonly calls: OpenCalls;
  /** Times from the start of a call to its first attempt. */
  readonly lags: FirstAttemptLags;
  readonly byPrompt: Map<string, OpenCalls>;
  readonly bodies: Senders;
  readonly keys: Senders;
}

function forgetCall({ calls, byPrompt, bodies, keys }: JoinerState, call: KnownCall): void {
  calls.forget(call);
  const samePrompt = byPrompt.get(call.promptHash)!;
  samePrompt.forget(call);
  if (samePrompt.size === 0) byPrompt.delete(call.promptHash);
  for (const body of call.bodies) bodies.forget(body, call);
  for (const key of call.keys) keys.forget(key, call);
}

function parseCallTag({ callTag }: ProviderView): number | undefined {
  return callTag !== undefined && /^\d+$/.test(callTag) ? Number(callTag) : undefined;
}

/** Idempotency keys are scoped to an API key. */
function scopedIdempotencyKey({ key, idempotencyKey }: ProviderView): string | undefined {
  return idempotencyKey === undefined ? undefined : `${key} ${idempotencyKey}`;
}

/** Remembers what a joined attempt shows about its call: its lag, body and idempotency key. */
function recordMatch(
  state: JoinerState,
  call: KnownCall | undefined,
  { view, startUs, endUs }: EndedAttempt,
  by: JoinedBy,
): void {
  if (!call) return;
  const { bodyHash, retryCount } = view;
  if (!call.lastAttempt && !call.mayHaveUnmatchedAttempt) state.lags.add(startUs - call.startedUs);
  call.lastAttempt = { startUs, endUs, retryCount };
  if (!call.bodies.includes(bodyHash)) {
    call.bodies.push(bodyHash);
    state.bodies.add(bodyHash, call, by);
  }
  const key = scopedIdempotencyKey(view);
  if (key === undefined || call.keys.includes(key)) return;
  call.keys.push(key);
  state.keys.add(key, call, by);
}

/** A shared key proves that attempts belong to one call; which call is as certain as the rung that joined the first. */
function matchByKey({ keys }: JoinerState, view: ProviderView): MatchedCall | undefined {
  const key = scopedIdempotencyKey(view);
  const sender = key === undefined ? undefined : keys.only(key);
  return sender && { call: sender.call, by: sender.by === 'tag' ? 'idempotency' : sender.by };
}

function matchByPromptAndTime(
  state: JoinerState,
  { view, promptHash, startUs }: EndedAttempt,
): MatchedCall | undefined {
  const samePrompt = state.byPrompt.get(promptHash ?? '');
  if (samePrompt) {
    const { calls: candidates, isComplete } = samePrompt.openAt(startUs);
    samePrompt.markUnmatched(candidates);
    if (!isComplete) {
      samePrompt.markClouded(startUs);
      return undefined;
    }
    if (candidates.length === 1) return { call: candidates[0]!, by: 'prompt' };
    // Without a candidate, the only open call does not match either: the prompt belongs to another call.
    return candidates.length > 1 ? matchByLag(candidates, view, startUs, state.lags.maxUs()) : undefined;
  }
  const sender = state.bodies.only(view.bodyHash)?.call;
  const { calls: open } = state.calls.openAt(startUs);
  if (sender && open.includes(sender)) {
    // A call that has just started may send the same body.
    const lagUs = state.lags.maxUs() ?? 0;
    const isAmbiguous = open.some((call) => call !== sender && isNew(call) && startUs - call.startedUs <= lagUs);
    return isAmbiguous ? undefined : { call: sender, by: 'body-hash' };
  }
  const [only] = open;
  return open.length === 1 && only!.endedUs >= startUs ? { call: only!, by: 'only-open' } : undefined;
}
