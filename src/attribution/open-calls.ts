import type { JoinedBy } from '../journal/call-records.ts';

/** A call that the runner started, on the clock of the exchanges. */
export interface KnownCall {
  readonly id: number;
  /** Hash of the words of its prompt. */
  readonly promptHash: string;
  readonly startedUs: number;
  /** Infinity while the call is open. */
  endedUs: number;
  /** Body hashes and idempotency keys that its attempts have sent. */
  readonly bodies: string[];
  readonly keys: string[];
  /** Its last known attempt. */
  lastAttempt:
    | { readonly startUs: number; readonly endUs: number; readonly retryCount: number | undefined }
    | undefined;
  /** An attempt that was not joined may belong to this call. */
  mayHaveUnmatchedAttempt: boolean;
}

/** Whether no attempt of the call has ended yet. */
export function isNew({ lastAttempt, mayHaveUnmatchedAttempt }: KnownCall): boolean {
  return lastAttempt === undefined && !mayHaveUnmatchedAttempt;
}

/** An attempt in transit may reach the provider this long after its call ended. */
const JUST_ENDED_US = 1_000_000;

/** The calls that may have sent an attempt. */
export interface CallsAt {
  readonly calls: readonly KnownCall[];
  /** False if more than `maxOpen` calls were open: `calls` then holds only the first of them. */
  readonly isComplete: boolean;
}

/** Calls that are open or ended recently: all calls of a run, or those with one prompt. */
export class OpenCalls {
  readonly #maxOpen: number;
  /** Ambiguous up to here: too many calls were open to check. */
  #cloudedUs = -Infinity;
  /** In order of start. */
  readonly #open = new Set<KnownCall>();
  /** In order of end. */
  readonly #ended: KnownCall[] = [];

  /** If more than `maxOpen` calls are open, they are not checked one by one. */
  constructor(maxOpen = Infinity) {
    this.#maxOpen = maxOpen;
  }

  get size(): number {
    return this.#open.size + this.#ended.length;
  }

  add(call: KnownCall): void {
    this.#open.add(call);
  }

  markEnded(call: KnownCall): void {
    if (this.#open.delete(call)) this.#ended.push(call);
  }

  /** Calls must be forgotten in the order in which they ended. */
  forget(call: KnownCall): void {
    if (this.#ended[0] === call) this.#ended.shift();
  }

  /** Returns the calls that were open at `us`; if there were none, those that had just ended. Changes nothing. */
  openAt(us: number): CallsAt {
    const open: KnownCall[] = [];
    const justEnded: KnownCall[] = [];
    for (const call of this.#open) {
      if (call.startedUs > us) break;
      if (open.length === this.#maxOpen) return { calls: open, isComplete: false };
      open.push(call);
    }
    for (let index = this.#ended.length - 1; index >= 0; index--) {
      const call = this.#ended[index]!;
      if (call.endedUs < us - JUST_ENDED_US) break;
      if (call.startedUs <= us) (call.endedUs >= us ? open : justEnded).push(call);
    }
    return { calls: open.length > 0 ? open : justEnded, isComplete: true };
  }

  /** Records that an attempt at `us` was not checked: every call that had started by then may have sent it. */
  markClouded(us: number): void {
    this.#cloudedUs = Math.max(this.#cloudedUs, us);
  }

  /** Marks those of the open `calls` that may have sent an unchecked attempt (`markClouded`). */
  markUnmatched(calls: readonly KnownCall[]): void {
    for (const call of calls) {
      if (call.startedUs <= this.#cloudedUs && this.#open.has(call)) call.mayHaveUnmatchedAttempt = true;
    }
  }
}

/** A call that has sent a value, and the rung that joined the attempt with that value to the call. */
interface Sender {
  readonly call: KnownCall;
  readonly by: JoinedBy;
}

/** Which calls have sent which value: a body hash or an idempotency key. */
export class Senders {
  readonly #senders = new Map<string, Sender[]>();

  /** Must be called at most once for each value of a call. */
  add(value: string, call: KnownCall, by: JoinedBy): void {
    const senders = this.#senders.get(value);
    if (senders) senders.push({ call, by });
    else this.#senders.set(value, [{ call, by }]);
  }

  /** Returns the call that sent the value, if exactly one did. */
  only(value: string): Sender | undefined {
    const senders = this.#senders.get(value);
    return senders?.length === 1 ? senders[0] : undefined;
  }

  /** Does nothing if the call has not sent the value. Fast for the calls that sent it first. */
  forget(value: string, call: KnownCall): void {
    const senders = this.#senders.get(value);
    const index = senders?.findIndex((sender) => sender.call === call) ?? -1;
    if (!senders || index < 0) return;
    senders.splice(index, 1);
    if (senders.length === 0) this.#senders.delete(value);
  }
}
