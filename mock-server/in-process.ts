import { createExchange, type Exchange } from './exchange.ts';
import { tieBreak } from './hash.ts';
import type { Provider } from './provider.ts';
import { hasHead, MIN_REPLY_US, type ProviderRequest, type Reply } from './reply.ts';
import { UnorderedSet } from './unordered-set.ts';

/** A clock with timers, driven from outside. Times are in microseconds since the Unix epoch. */
export interface Scheduler {
  nowUs(): number;
  /** Calls `act` at `atUs`, or as soon afterwards as the clock allows. Returns a cancel function. */
  at(atUs: number, act: () => void): () => void;
  /** Calls `act` once, after everything else that is due at the current instant. */
  afterInstant(act: () => void): void;
}

/**
 * Receives a reply: either `onComplete` alone, or `onHead`, then `onFrame`s, then `onEnd`. `onReset` may come at any point and
 * is then the last call.
 */
export interface Receiver {
  onComplete(reply: Reply, text: string): void;
  onHead(reply: Reply): void;
  onFrame(text: string): void;
  onEnd(): void;
  /** The connection was reset, before or after the head. */
  onReset(): void;
}

export interface InProcess {
  /** Sends a request. Returns a function that aborts it, as when a client disconnects. */
  send(request: ProviderRequest, callTag: string | undefined, receiver: Receiver): () => void;
  /** Ends all open replies and reports them as `open` exchanges. */
  close(): void;
}

/** A reply that is being sent. */
interface ActiveReply {
  index: number;
  readonly end: (outcome: Exchange['outcome']) => void;
}

interface Arrival {
  readonly request: ProviderRequest;
  readonly callTag: string | undefined;
  readonly receiver: Receiver;
  abort: (() => void) | undefined;
  aborted: boolean;
}

/**
 * Sends a provider's replies on a scheduler, without sockets. Requests that arrive at the same instant are decided together,
 * in a seeded order (`tieBreak`): the order must depend neither on how requests were intercepted nor on how many promises
 * the client code awaits.
 */
export function createInProcess(
  provider: Provider,
  scheduler: Scheduler,
  onExchange: (exchange: Exchange) => void,
): InProcess {
  let arrivals: Arrival[] = [];
  const active = new UnorderedSet<ActiveReply>();

  function decide(): void {
    const nowUs = scheduler.nowUs();
    const together = sortByTieBreak(arrivals, provider.settings.seed, nowUs);
    arrivals = [];
    for (const arrival of together)
      if (!arrival.aborted) play(arrival, provider.receive(arrival.request, nowUs), nowUs);
  }

  function play(arrival: Arrival, reply: Reply, startUs: number): void {
    const { receiver } = arrival;
    let headersUs: number | undefined;
    let next = 0;
    let cancel = scheduler.at(startUs + Math.max(reply.headAfterUs, MIN_REPLY_US), hasHead(reply) ? sendHead : finish);
    const self: ActiveReply = { index: -1, end };
    active.add(self);
    arrival.abort = () => end('aborted');

    function end(outcome: Exchange['outcome']): void {
      if (!active.delete(self)) return;
      cancel();
      const endUs = scheduler.nowUs();
      provider.finish(reply.id, endUs);
      onExchange(createExchange(reply, { startUs, headersUs, endUs, outcome }));
    }

    function sendHead(): void {
      headersUs = scheduler.nowUs();
      const [single, ...others] = reply.frames;
      if (single && others.length === 0 && reply.ending === 'complete' && isDue(single.afterUs)) {
        end('response');
        receiver.onComplete(reply, single.text);
      } else {
        receiver.onHead(reply);
        sendFrames();
      }
    }

    function isDue(afterUs: number): boolean {
      return startUs + afterUs <= scheduler.nowUs();
    }

    /** Sends all frames that are due as one chunk, as a socket would. */
    function sendFrames(): void {
      let text = '';
      while (next < reply.frames.length && isDue(reply.frames[next]!.afterUs)) text += reply.frames[next++]!.text;
      if (text !== '') receiver.onFrame(text);
      if (next < reply.frames.length) cancel = scheduler.at(startUs + reply.frames[next]!.afterUs, sendFrames);
      else finish();
    }

    /** A stalled reply stays open until the client aborts it. */
    function finish(): void {
      if (reply.ending === 'stall') return;
      const whole = reply.ending === 'complete';
      end(whole ? 'response' : 'reset');
      if (whole) receiver.onEnd();
      else receiver.onReset();
    }
  }

  return {
    send(request, callTag, receiver) {
      const arrival: Arrival = { request, callTag, receiver, abort: undefined, aborted: false };
      if (arrivals.push(arrival) === 1) scheduler.afterInstant(decide);
      return () => {
        arrival.aborted = true;
        arrival.abort?.();
      };
    },
    close() {
      for (const { end } of active.all()) end('open');
    },
  };
}

/** Requests of one call keep their order. Requests without a call tag come last, in arrival order. */
function sortByTieBreak(arrivals: Arrival[], seed: number, nowUs: number): Arrival[] {
  if (arrivals.length < 2) return arrivals;
  return arrivals
    .map((arrival) => {
      const call = Number(arrival.callTag);
      return { arrival, order: Number.isNaN(call) ? Infinity : tieBreak(seed, nowUs, call) };
    })
    .sort((a, b) => (a.order === b.order ? 0 : a.order - b.order))
    .map(({ arrival }) => arrival);
}
