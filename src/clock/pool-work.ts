import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const CRYPTO = [
  'argon2',
  'checkPrime',
  'generateKey',
  'generateKeyPair',
  'generatePrime',
  'hkdf',
  'pbkdf2',
  'randomFill',
  'scrypt',
  'sign',
  'verify',
];

const SUBTLE = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'generateKey',
  'importKey',
  'sign',
  'verify',
];

const ZLIB = [
  'brotliCompress',
  'brotliDecompress',
  'deflate',
  'deflateRaw',
  'gunzip',
  'gzip',
  'inflate',
  'inflateRaw',
  'unzip',
  'zstdCompress',
  'zstdDecompress',
];

type Work = ((...args: unknown[]) => unknown) & {
  readonly [promisify.custom]?: (...args: unknown[]) => Promise<unknown>;
};

/**
 * Counts what this thread has the thread pool do, which Node does not list among what keeps it alive: hashes, keys,
 * compression. Hooks on every asynchronous resource would see it too, and take a tenth of all time.
 */
export function countPoolWork(): () => number {
  let working = 0;
  const promised =
    (work: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]): Promise<unknown> => {
      working++;
      try {
        return await work(...args);
      } finally {
        working--;
      }
    };
  const called = (work: Work): Work => {
    const counted = (...args: unknown[]): unknown => {
      const done = args.at(-1);
      if (typeof done !== 'function') return work(...args);
      working++;
      return work(...args.slice(0, -1), (...results: unknown[]): unknown => {
        working--;
        return (done as Work)(...results);
      });
    };
    const custom = work[promisify.custom];
    return custom ? Object.assign(counted, { [promisify.custom]: promised(custom) }) : counted;
  };
  replaceAll(crypto, CRYPTO, called);
  replaceAll(zlib, ZLIB, called);
  // The methods of a class: they want their object.
  const { subtle } = globalThis.crypto;
  replaceAll(subtle, SUBTLE, (work) => promised(work.bind(subtle) as (...args: unknown[]) => Promise<unknown>));
  syncBuiltinESMExports();
  return () => working;
}

/** Not every Node has every one of them. */
function replaceAll(face: object, names: readonly string[], wrap: (work: Work) => unknown): void {
  for (const name of names) {
    const work = (face as Record<string, Work | undefined>)[name];
    if (work) Object.defineProperty(face, name, { value: wrap(work), configurable: true, writable: true });
  }
}
