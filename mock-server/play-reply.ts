import { type ServerResponse, STATUS_CODES } from 'node:http';
import { httpDate } from './dialects/retry-after-header.ts';
import { hasHead, type Reply } from './reply.ts';

/** How a reply ended on the wire. `headersUs` is absent if the client went away before the head was due. */
export interface Played {
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** What a reply's times are on, and how many times as fast as timers it runs. */
export interface ReplyClock {
  readonly nowUs: () => number;
  readonly speed: number;
}

/** A timer that is set for longer goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const STALLED_MS = 60_000;

/**
 * Writes a reply's frames to a response when they are due, waits where the socket is full, and tells once how it ended.
 * Times are absolute: a frame that is late does not delay those after it. Returns a function that cuts it short. Never
 * tells the end before it has returned.
 */
export function playReply(
  reply: Reply,
  response: ServerResponse,
  startUs: number,
  clock: ReplyClock,
  onEnd: (played: Played) => void,
): () => void {
  const player = new Player(reply, response, startUs, clock, onEnd);
  response.on('finish', () => player.end('response'));
  response.on('close', () => player.end(player.closedAs));
  response.on('error', () => player.end('aborted'));
  player.step();
  return () => player.end('open');
}

/** A reply on its way: a class, since thousands may be and closures take more room. */
class Player {
  /** What a connection that closes before the reply has gone out whole means. */
  closedAs: Played['outcome'] = 'aborted';
  readonly #reply: Reply;
  readonly #response: ServerResponse;
  readonly #startUs: number;
  readonly #clock: ReplyClock;
  readonly #onEnd: (played: Played) => void;
  #next = 0;
  #headersUs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    reply: Reply,
    response: ServerResponse,
    startUs: number,
    clock: ReplyClock,
    onEnd: (played: Played) => void,
  ) {
    this.#reply = reply;
    this.#response = response;
    this.#startUs = startUs;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  end(outcome: Played['outcome']): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const headersUs = this.#headersUs;
    this.#onEnd({ ...(headersUs !== undefined && { headersUs }), endUs: this.#clock.nowUs(), outcome });
  }

  /** Does all that is due, then sleeps until the next thing is. */
  step(): void {
    const { frames } = this.#reply;
    while (!this.#ended) {
      const waitUs = this.#startUs + this.#dueAfterUs() - this.#clock.nowUs();
      if (waitUs > 0) {
        const waitMs = Math.ceil(waitUs / 1000 / this.#clock.speed);
        this.#timer = setTimeout(step, Math.min(LONGEST_TIMER_MS, waitMs), this);
        return;
      }
      if (this.#headersUs === undefined && hasHead(this.#reply)) this.#sendHead();
      else if (this.#next === frames.length) {
        this.#finish();
        return;
      } else if (!this.#sendFrame()) return;
    }
  }

  #dueAfterUs(): number {
    const { headAfterUs, frames } = this.#reply;
    return this.#headersUs === undefined ? headAfterUs : (frames[this.#next]?.afterUs ?? 0);
  }

  #sendHead(): void {
    const { status, headers, frames, ending } = this.#reply;
    this.#headersUs = this.#clock.nowUs();
    const whole = frames.length === 1 && ending === 'complete';
    const length = whole ? { 'content-length': String(Buffer.byteLength(frames[0]!.bytes)) } : {};
    // Node's own date is the machine's.
    const date = this.#clock.speed === 1 ? {} : { date: httpDate(this.#headersUs / 1000) };
    // Of a status that HTTP does not name, such as 529, Node would say `unknown`.
    this.#response.writeHead(status, STATUS_CODES[status] ?? '', { ...date, ...headers, ...length });
    // A stream's head goes out with the head's own time, not with the first frame.
    if (!whole) this.#response.flushHeaders();
  }

  /** False when the socket is full: the rest goes on when it has drained. */
  #sendFrame(): boolean {
    const { frames, ending } = this.#reply;
    const { bytes } = frames[this.#next++]!;
    if (this.#next === frames.length && ending === 'complete') this.#response.end(bytes);
    else if (!this.#response.write(bytes)) {
      this.#waitForDrain();
      return false;
    }
    return true;
  }

  /** A client that takes nothing for so long is gone; what holds its socket must not be kept for ever. */
  #waitForDrain(): void {
    this.#timer = setTimeout(() => this.#response.destroy(), STALLED_MS);
    this.#response.once('drain', () => {
      clearTimeout(this.#timer);
      this.step();
    });
  }

  /** A stalled reply says nothing more and is over when the client has had enough. */
  #finish(): void {
    const { ending, frames } = this.#reply;
    if (ending === 'complete') {
      if (frames.length === 0) this.#response.end();
    } else if (ending !== 'stall') {
      this.closedAs = 'reset';
      const { socket } = this.#response;
      // Not a polite end: the client must see a connection that broke, but what was sent before must reach it.
      if (!socket) this.#response.destroy();
      else if (ending === 'reset') socket.resetAndDestroy();
      else socket.write('', () => this.#response.destroy());
    }
  }
}

function step(player: Player): void {
  player.step();
}
