import type { JoinedBy } from '../journal/record.ts';

/** A call as the runner knows it, on the clock of the exchanges. */
export interface KnownCall {
  readonly id: number;
  /** SimHash of its prompt. */
  readonly textHash: string;
  readonly beganUs: number;
  /** Infinity while it is open. */
  endedUs: number;
  /** Bodies and idempotency keys that attempts of it have sent. */
  readonly bodies: string[];
  readonly keys: string[];
  /** The last of its attempts that is known. */
  last: { readonly startUs: number; readonly endUs: number; readonly retryCount: number | undefined } | undefined;
  /** An attempt that was joined to nothing may have been of it. */
  mayHaveMore: boolean;
}

/** Whether no attempt of it has ended yet. */
export function isNew({ last, mayHaveMore }: KnownCall): boolean {
  return last === undefined && !mayHaveMore;
}

/** An attempt may reach the provider so long after its call was over: it was on its way. */
const JUST_ENDED_US = 1_000_000;

/** Calls that have something in common: their prompt, or nothing but that they are calls. */
export class Roster {
  readonly #most: number;
  /** Calls that began until then may have made an attempt that was not looked into. */
  #cloudedUs = -Infinity;
  /** In order of their begin. */
  readonly #open = new Set<KnownCall>();
  /** In order of their end. */
  readonly #ended: KnownCall[] = [];

  /** `most`: where more are open, they are not looked at one by one. */
  constructor(most = Infinity) {
    this.#most = most;
  }

  get size(): number {
    return this.#open.size + this.#ended.length;
  }

  begins(call: KnownCall): void {
    this.#open.add(call);
  }

  ends(call: KnownCall): void {
    if (this.#open.delete(call)) this.#ended.push(call);
  }

  /** Calls are forgotten in the order in which they have ended. */
  forget(call: KnownCall): void {
    if (this.#ended[0] === call) this.#ended.shift();
  }

  /** Calls that were open at a moment, else those that had just ended; undefined for too many. */
  at(us: number): readonly KnownCall[] | undefined {
    const open: KnownCall[] = [];
    const just: KnownCall[] = [];
    for (const call of this.#open) {
      if (call.beganUs > us) break;
      if (open.length === this.#most) {
        this.#cloudedUs = Math.max(this.#cloudedUs, us);
        return undefined;
      }
      if (call.beganUs <= this.#cloudedUs) call.mayHaveMore = true;
      open.push(call);
    }
    for (let place = this.#ended.length - 1; place >= 0; place--) {
      const call = this.#ended[place]!;
      if (call.endedUs < us - JUST_ENDED_US) break;
      if (call.beganUs <= us) (call.endedUs >= us ? open : just).push(call);
    }
    return open.length > 0 ? open : just;
  }
}

/** A call that has sent something, and what joined the attempt that did to it. */
interface Sender {
  readonly call: KnownCall;
  readonly by: JoinedBy;
}

/** Which calls have sent what. */
export class Senders {
  readonly #senders = new Map<string, Sender[]>();

  /** To be told of a call once only. */
  add(what: string, call: KnownCall, by: JoinedBy): void {
    const senders = this.#senders.get(what);
    if (senders) senders.push({ call, by });
    else this.#senders.set(what, [{ call, by }]);
  }

  /** The one call that has sent it. */
  only(what: string): Sender | undefined {
    const senders = this.#senders.get(what);
    return senders?.length === 1 ? senders[0] : undefined;
  }

  /** Calls are forgotten in the order of their end, which is about that in which they sent. */
  forget(what: string, call: KnownCall): void {
    const senders = this.#senders.get(what);
    if (!senders) return;
    senders.splice(
      senders.findIndex((sender) => sender.call === call),
      1,
    );
    if (senders.length === 0) this.#senders.delete(what);
  }
}
