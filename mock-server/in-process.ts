import { Bag } from './bag.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import type { Provider } from './provider.ts';
import { hasHead, LEAST_REPLY_US, type ProviderRequest, type Reply } from './reply.ts';
import { turnOf } from './turn.ts';

/** A clock that something else moves, and what is due on it. Microseconds since the Unix epoch. */
export interface Timetable {
  nowUs(): number;
  /** Calls `act` at `atUs`, or as soon after as the clock can be; returns what cancels it. */
  at(atUs: number, act: () => void): () => void;
  /** Calls `act` once when everything else that happens at this instant has happened. */
  afterInstant(act: () => void): void;
}

/** Who is told what comes back. Either `whole` alone, or `head`, frames and an end; `broken` may come instead of any. */
export interface Receiver {
  whole(reply: Reply, bytes: string): void;
  head(reply: Reply): void;
  frame(bytes: string): void;
  end(): void;
  /** The connection is gone, before or after the head. */
  broken(): void;
}

export interface InProcess {
  /** Hands a request over. Returns what tells that the client has gone away. */
  send(request: ProviderRequest, callTag: string | undefined, receiver: Receiver): () => void;
  /** Cuts what is still open; it is reported as `open` exchanges. */
  close(): void;
}

/** A reply on its way, and what ends it. */
interface Playing {
  place: number;
  readonly end: (outcome: Exchange['outcome']) => void;
}

interface Arrival {
  readonly request: ProviderRequest;
  readonly callTag: string | undefined;
  readonly receiver: Receiver;
  leave: (() => void) | undefined;
  gone: boolean;
}

/**
 * Plays a provider's replies on a timetable, without sockets. Requests of one instant are decided together, in an order
 * that chance gives (`turnOf`): who is first within a millisecond is luck, and must depend neither on
 * how the requests were caught nor on how many promises a client's code goes through.
 */
export function inProcess(
  provider: Provider,
  timetable: Timetable,
  onExchange: (exchange: Exchange) => void,
): InProcess {
  let arrivals: Arrival[] = [];
  const playing = new Bag<Playing>();

  function decide(): void {
    const nowUs = timetable.nowUs();
    const together = inChanceOrder(arrivals, provider.settings.seed, nowUs);
    arrivals = [];
    for (const arrival of together) if (!arrival.gone) play(arrival, provider.receive(arrival.request, nowUs), nowUs);
  }

  function play(arrival: Arrival, reply: Reply, startUs: number): void {
    const { receiver } = arrival;
    let headersUs: number | undefined;
    let next = 0;
    let cancel = timetable.at(
      startUs + Math.max(reply.headAfterUs, LEAST_REPLY_US),
      hasHead(reply) ? sendHead : finish,
    );
    const own: Playing = { place: -1, end };
    playing.add(own);
    arrival.leave = () => end('aborted');

    function end(outcome: Exchange['outcome']): void {
      if (!playing.delete(own)) return;
      cancel();
      const endUs = timetable.nowUs();
      provider.finish(reply.id, endUs);
      onExchange(exchangeOf(reply, { startUs, headersUs, endUs, outcome }));
    }

    function sendHead(): void {
      headersUs = timetable.nowUs();
      const [only, ...others] = reply.frames;
      if (only && others.length === 0 && reply.ending === 'complete' && isDue(only.afterUs)) {
        end('response');
        receiver.whole(reply, only.bytes);
      } else {
        receiver.head(reply);
        sendFrames();
      }
    }

    function isDue(afterUs: number): boolean {
      return startUs + afterUs <= timetable.nowUs();
    }

    /** What is due at once goes out as one piece, as it would on a wire. */
    function sendFrames(): void {
      let bytes = '';
      while (next < reply.frames.length && isDue(reply.frames[next]!.afterUs)) bytes += reply.frames[next++]!.bytes;
      if (bytes !== '') receiver.frame(bytes);
      if (next < reply.frames.length) cancel = timetable.at(startUs + reply.frames[next]!.afterUs, sendFrames);
      else finish();
    }

    /** A stalled reply says nothing more and is over when the client has had enough. */
    function finish(): void {
      if (reply.ending === 'stall') return;
      const whole = reply.ending === 'complete';
      end(whole ? 'response' : 'reset');
      if (whole) receiver.end();
      else receiver.broken();
    }
  }

  return {
    send(request, callTag, receiver) {
      const arrival: Arrival = { request, callTag, receiver, leave: undefined, gone: false };
      if (arrivals.push(arrival) === 1) timetable.afterInstant(decide);
      return () => {
        arrival.gone = true;
        arrival.leave?.();
      };
    },
    close() {
      for (const { end } of playing.all()) end('open');
    },
  };
}

/** Requests of one call stay in their order; those of no call come last, in theirs. */
function inChanceOrder(arrivals: Arrival[], seed: number, nowUs: number): Arrival[] {
  if (arrivals.length < 2) return arrivals;
  return arrivals
    .map((arrival) => {
      const call = Number(arrival.callTag);
      return { arrival, turn: Number.isNaN(call) ? Infinity : turnOf(seed, nowUs, call) };
    })
    .sort((a, b) => (a.turn === b.turn ? 0 : a.turn - b.turn))
    .map(({ arrival }) => arrival);
}
