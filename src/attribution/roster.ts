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
  readonly bodies: Set<string>;
  readonly keys: Set<string>;
  /** The last of its attempts that is known. */
  last?: { readonly startUs: number; readonly endUs: number; readonly retryCount: number | undefined };
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
  /** In order of their begin. */
  readonly #open = new Set<KnownCall>();
  /** In order of their end. */
  readonly #ended: KnownCall[] = [];

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

  /** Calls that were open at a moment, else those that had just ended. */
  at(us: number): KnownCall[] {
    const open: KnownCall[] = [];
    const just: KnownCall[] = [];
    for (const call of this.#open) {
      if (call.beganUs > us) break;
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

/** Which calls have sent something, and what joined the attempt that did to its call. */
export class Senders {
  readonly #senders = new Map<string, Map<KnownCall, JoinedBy>>();

  add(what: string, call: KnownCall, by: JoinedBy): void {
    const senders = this.#senders.get(what);
    if (senders) senders.set(call, by);
    else this.#senders.set(what, new Map([[call, by]]));
  }

  /** The one call that has sent it. */
  only(what: string): { readonly call: KnownCall; readonly by: JoinedBy } | undefined {
    const senders = this.#senders.get(what);
    if (senders?.size !== 1) return undefined;
    const [[call, by]] = senders as Iterable<[KnownCall, JoinedBy]> as [[KnownCall, JoinedBy]];
    return { call, by };
  }

  forget(what: string, call: KnownCall): void {
    const senders = this.#senders.get(what);
    senders?.delete(call);
    if (senders?.size === 0) this.#senders.delete(what);
  }
}
