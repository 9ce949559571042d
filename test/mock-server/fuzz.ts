import { connect } from 'node:net';
import fc from 'fast-check';
import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { FIELDS, WORDS } from '../fire/requests/wild-values.ts';

/** The bytes of a request, and how the client sends them. */
export interface Wild {
  readonly bytes: Buffer;
  /** Whether the client then half-closes the connection. */
  readonly ends: boolean;
}

const PATHS: Readonly<Record<DialectName, readonly string[]>> = {
  openai: [
    '/v1/chat/completions',
    '/v1/responses',
    '/v1/completions',
    '/v1/embeddings',
    '/v1/moderations',
    '/v1/models',
    '/v1/images/generations',
  ],
  azure: [
    '/openai/deployments/a/chat/completions?api-version=1',
    '/openai/v1/responses',
    '/openai/deployments/%zz/embeddings?api-version=1',
  ],
  anthropic: ['/v1/messages', '/v1/messages/count_tokens', '/v1/models/x'],
  gemini: [
    '/v1beta/models/gemini-2.5-flash:generateContent',
    '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
    '/v1beta/models/x:embedContent',
  ],
};

const KEYS = 'authorization: Bearer k\r\nx-api-key: k\r\napi-key: k\r\nx-goog-api-key: k\r\nanthropic-version: 1\r\n';

/** Field names that the dialects read, so that random JSON passes the first checks. */
const FIELD = fc.constantFrom(...FIELDS);
const WORD = fc.constantFrom(...WORDS);

const { value: JSON_VALUE } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(WORD, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(FIELD, fc.string()), tie('value'), { maxKeys: 6 }),
  ),
}));

/** A nearly valid body: a valid one with some fields replaced. */
const NEARLY = fc
  .record({
    replaced: fc.dictionary(FIELD, JSON_VALUE, { maxKeys: 4 }),
    model: fc.constantFrom('gpt-4o-mini', 'claude-opus-5-5', 'text-embedding-3-small'),
  })
  .map(({ replaced, model }) =>
    JSON.stringify({
      model,
      max_tokens: 5,
      messages: [{ role: 'user', content: 'hi' }],
      input: 'hi',
      prompt: 'hi',
      contents: [{ parts: [{ text: 'hi' }] }],
      ...replaced,
    }),
  );

const BODY = fc.oneof(
  NEARLY.map((text) => Buffer.from(text)),
  JSON_VALUE.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => Buffer.from('['.repeat(depth))),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)),
  fc.constant(Buffer.from('{"model":"gpt-4o-mini","messages":[{"role":"user","content":"\xff\xfe"}]}', 'latin1')),
);

const METHOD = fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'BREW');

/** Complete requests to a dialect's paths, with all kinds of bodies. */
function framed(dialect: DialectName): fc.Arbitrary<Wild> {
  const path = fc.oneof(fc.constantFrom(...PATHS[dialect]), fc.webPath(), fc.constant('/%'), fc.constant('/__proto__'));
  return fc
    .record({ method: METHOD, path, body: BODY, length: fc.constantFrom('right', 'short', 'long', 'chunked', 'none') })
    .map(({ method, path: target, body, length }) => {
      const head = `${method} ${target === '' ? '/' : target} HTTP/1.1\r\nhost: x\r\n${KEYS}`;
      return {
        bytes: Buffer.concat([Buffer.from(head + lengthLine(length, body.length)), chunksOf(length, body)]),
        ends: true,
      };
    });
}

function lengthLine(kind: string, size: number): string {
  if (kind === 'chunked') return 'transfer-encoding: chunked\r\n\r\n';
  if (kind === 'none') return '\r\n';
  const declared = kind === 'short' ? Math.floor(size / 2) : kind === 'long' ? size + 10 : size;
  return `content-length: ${declared}\r\n\r\n`;
}

function chunksOf(kind: string, body: Buffer): Buffer {
  if (kind !== 'chunked') return body;
  const size = body.length.toString(16);
  return Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
}

/** Everything a socket may receive: complete requests, partial requests, invalid framing, noise. */
export function wildRequests(dialect: DialectName): fc.Arbitrary<Wild> {
  const whole = framed(dialect);
  const half = fc.tuple(whole, fc.double({ min: 0, max: 1, noNaN: true })).map(([{ bytes }, share]) => ({
    bytes: bytes.subarray(0, Math.floor(bytes.length * share)),
    ends: true,
  }));
  const noise = fc
    .uint8Array({ minLength: 1, maxLength: 400 })
    .map((bytes) => ({ bytes: Buffer.from(bytes), ends: true }));
  const nonsense = fc
    .constantFrom(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
      `GET / HTTP/1.1\r\nhost: x\r\n${Array.from({ length: 300 }, (_, n) => `x${n}: y\r\n`).join('')}\r\n`,
      'GET / HTTP/1.1\r\n\r\n',
      'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n',
      'GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
      'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n{}',
    )
    .map((text) => ({ bytes: Buffer.from(text), ends: true }));
  return fc.oneof({ weight: 6, arbitrary: whole }, { weight: 2, arbitrary: half }, noise, nonsense);
}

/** Sends bytes on a new socket. Returns what was received until the server closed it or it timed out. */
export function send(port: number, { bytes, ends }: Wild): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const done = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    socket.on('error', done).on('close', done).setTimeout(5000, done);
    socket.write(bytes);
    if (ends) socket.end();
  });
}

/** Returns the statuses of the responses in a text; undefined if it is not HTTP. */
export function statusesOf(text: string): number[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('HTTP/1.1 ')) return undefined;
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
