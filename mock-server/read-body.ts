import type { IncomingMessage } from 'node:http';

/**
 * Reads a body of `most` bytes; undefined if it is longer, as soon as that is known. What comes after is thrown away. A
 * client that goes away before the body is whole never resolves it.
 */
export function readBytes(request: IncomingMessage, most: number, done: (bytes: Buffer | undefined) => void): void {
  let chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    const before = size;
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else if (before <= most) {
      chunks = [];
      done(undefined);
    }
  });
  // A client that vanishes before its request is whole has asked for nothing.
  request.on('error', () => undefined);
  request.on('end', () => {
    if (size > most) return;
    const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    // The request lives as long as its answer, and a piece holds on to all that the socket read with it.
    chunks = [];
    done(whole);
  });
}

/** The same as a promise of text. */
export function readBody(request: IncomingMessage, most: number): Promise<string | undefined> {
  return new Promise((resolve) => readBytes(request, most, (bytes) => resolve(bytes?.toString('utf8'))));
}
