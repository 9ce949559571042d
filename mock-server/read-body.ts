import type { IncomingMessage } from 'node:http';

/**
 * Reads a body of at most `maxBytes` bytes. Calls `done` with undefined as soon as it is longer, and discards the rest. Never
 * calls `done` if the client disconnects before the end of the body.
 */
export function readBytes(request: IncomingMessage, maxBytes: number, done: (bytes: Buffer | undefined) => void): void {
  let chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    const before = size;
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else if (before <= maxBytes) {
      chunks = [];
      done(undefined);
    }
  });
  // A client that disconnects in mid-request needs no reply.
  request.on('error', () => undefined);
  request.on('end', () => {
    if (size > maxBytes) return;
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    // The request object lives until its reply ends; release the chunks and the socket buffers behind them.
    chunks = [];
    done(body);
  });
}

/** Promise form of `readBytes`, decoded as UTF-8. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve) => readBytes(request, maxBytes, (bytes) => resolve(bytes?.toString('utf8'))));
}
