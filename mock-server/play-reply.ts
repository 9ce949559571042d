import type { ServerResponse } from 'node:http';
import { hasHead, type Reply } from './reply.ts';

/** How a reply ended on the wire. `headersUs` is absent if the client went away before the head was due. */
export interface Played {
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
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
  nowUs: () => number,
  onEnd: (played: Played) => void,
): () => void {
  let next = 0;
  let headersUs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  /** What a connection that closes before the reply has gone out whole means. */
  let closedAs: Played['outcome'] = 'aborted';

  function end(outcome: Played['outcome']): void {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    onEnd({ ...(headersUs !== undefined && { headersUs }), endUs: nowUs(), outcome });
  }

  function sendHead(): void {
    headersUs = nowUs();
    const whole = reply.frames.length === 1 && reply.ending === 'complete';
    const length = whole ? { 'content-length': String(Buffer.byteLength(reply.frames[0]!.bytes)) } : {};
    response.writeHead(reply.status, { ...reply.headers, ...length });
    // A stream's head goes out with the head's own time, not with the first frame.
    if (!whole) response.flushHeaders();
  }

  /** Does all that is due, then sleeps until the next thing is. */
  function step(): void {
    while (!ended) {
      const waitUs = startUs + dueAfterUs() - nowUs();
      if (waitUs > 0) {
        timer = setTimeout(step, Math.min(LONGEST_TIMER_MS, Math.ceil(waitUs / 1000)));
        return;
      }
      if (headersUs === undefined && hasHead(reply)) sendHead();
      else if (next === reply.frames.length) {
        finish();
        return;
      } else if (!sendFrame()) return;
    }
  }

  function dueAfterUs(): number {
    return headersUs === undefined ? reply.headAfterUs : (reply.frames[next]?.afterUs ?? 0);
  }

  /** False when the socket is full: the rest goes on when it has drained. */
  function sendFrame(): boolean {
    const { bytes } = reply.frames[next++]!;
    const last = next === reply.frames.length && reply.ending === 'complete';
    if (last) response.end(bytes);
    else if (!response.write(bytes)) {
      waitForDrain();
      return false;
    }
    return true;
  }

  /** A client that takes nothing for so long is gone; what holds its socket must not be kept for ever. */
  function waitForDrain(): void {
    timer = setTimeout(() => response.destroy(), STALLED_MS);
    response.once('drain', () => {
      clearTimeout(timer);
      step();
    });
  }

  /** A stalled reply says nothing more and is over when the client has had enough. */
  function finish(): void {
    if (reply.ending === 'complete') {
      if (reply.frames.length === 0) response.end();
    } else if (reply.ending !== 'stall') {
      closedAs = 'reset';
      const { socket } = response;
      // Not a polite end: the client must see a connection that broke, but what was sent before must reach it.
      if (!socket) response.destroy();
      else if (reply.ending === 'reset') socket.resetAndDestroy();
      else socket.write('', () => response.destroy());
    }
  }

  response.on('finish', () => end('response'));
  response.on('close', () => end(closedAs));
  response.on('error', () => end('aborted'));
  step();
  return () => end('open');
}
