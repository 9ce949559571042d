import { type ServerResponse, STATUS_CODES } from 'node:http';
import { httpDate } from './dialects/http-date.ts';
import { hasHead, type Reply } from './reply.ts';

/** How a reply ended on the wire. `headersUs` is absent if the client disconnected before the head was due. */
export interface PlayedReply {
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** The clock of a reply's times, and how many times faster than timers it runs. */
export interface ReplyClock {
  readonly nowUs: () => number;
  readonly speed: number;
}

/** Node fires longer timers immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const DRAIN_TIMEOUT_MS = 60_000;

/**
 * Writes the frames of a reply to a response when they are due, respects backpressure, and calls `onEnd` once, never before
 * returning. Due times are absolute: a late frame does not delay the next ones. Returns a function that ends the reply as
 * `open`.
 */
export function playReply(
  reply: Reply,
  response: ServerResponse,
  startUs: number,
  clock: ReplyClock,
  onEnd: (played: PlayedReply) => void,
): () => void {
  const player = new Player(reply, response, startUs, clock, onEnd);
  response.on('finish', () => player.end('response'));
  response.on('close', () => player.end(player.closedAs));
  response.on('error', () => player.end('aborted'));
  player.step();
  return () => player.end('open');
}

/** A reply that is being sent. A class, because thousands may be open and closures take more memory. */
class Player {
  /** The outcome if the connection closes before the whole reply was sent. */
  closedAs: PlayedReply['outcome'] = 'aborted';
  readonly #reply: Reply;
  readonly #response: ServerResponse;
  readonly #startUs: number;
  readonly #clock: ReplyClock;
  readonly #onEnd: (played: PlayedReply) => void;
  #next = 0;
  #headersUs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    reply: Reply,
    response: ServerResponse,
    startUs: number,
    clock: ReplyClock,
    onEnd: (played: PlayedReply) => void,
  ) {
    this.#reply = reply;
    this.#response = response;
    this.#startUs = startUs;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  end(outcome: PlayedReply['outcome']): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const headersUs = this.#headersUs;
    this.#onEnd({ ...(headersUs !== undefined && { headersUs }), endUs: this.#clock.nowUs(), outcome });
  }

  /** Sends everything that is due, then sets a timer for the next frame. */
  step(): void {
    const { frames } = this.#reply;
    while (!this.#ended) {
      const waitUs = this.#startUs + this.#dueAfterUs() - this.#clock.nowUs();
      if (waitUs > 0) {
        const waitMs = Math.ceil(waitUs / 1000 / this.#clock.speed);
        this.#timer = setTimeout(step, Math.min(MAX_TIMER_MS, waitMs), this);
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
    const length = whole ? { 'content-length': String(Buffer.byteLength(frames[0]!.text)) } : {};
    // Node sets `date` from the wall clock.
    const date = this.#clock.speed === 1 ? {} : { date: httpDate(this.#headersUs / 1000) };
    // For a non-standard status such as 529, Node would send the reason `unknown`.
    this.#response.writeHead(status, STATUS_CODES[status] ?? '', { ...date, ...headers, ...length });
    // Send the head of a stream when it is due, not with the first frame.
    if (!whole) this.#response.flushHeaders();
  }

  /** Returns false if the socket is full; sending resumes after `drain`. */
  #sendFrame(): boolean {
    const { frames, ending } = this.#reply;
    const { text } = frames[this.#next++]!;
    if (this.#next === frames.length && ending === 'complete') this.#response.end(text);
    else if (!this.#response.write(text)) {
      this.#waitForDrain();
      return false;
    }
    return true;
  }

  /** Destroys the socket if the client reads nothing for `DRAIN_TIMEOUT_MS`, so that it is not kept forever. */
  #waitForDrain(): void {
    this.#timer = setTimeout(() => this.#response.destroy(), DRAIN_TIMEOUT_MS);
    this.#response.once('drain', () => {
      clearTimeout(this.#timer);
      this.step();
    });
  }

  /** A stalled reply stays open until the client disconnects. */
  #finish(): void {
    const { ending, frames } = this.#reply;
    if (ending === 'complete') {
      if (frames.length === 0) this.#response.end();
    } else if (ending !== 'stall') {
      this.closedAs = 'reset';
      const { socket } = this.#response;
      // The client must see a broken connection, but also receive everything that was sent before.
      if (!socket) this.#response.destroy();
      else if (ending === 'reset') socket.resetAndDestroy();
      else socket.write('', () => this.#response.destroy());
    }
  }
}

function step(player: Player): void {
  player.step();
}
