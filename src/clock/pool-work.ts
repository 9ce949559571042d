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
 * Patches Node's modules to count this thread's pending thread-pool work (hashes, keys, compression), which Node does not list
 * as active resources; returns a function that returns the count. Async hooks would see it too but cost 10% of run time.
 */
export function countPoolWork(): () => number {
  let pending = 0;
  const countPromise =
    (work: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]): Promise<unknown> => {
      pending++;
      try {
        return await work(...args);
      } finally {
        pending--;
      }
    };
  const countCallback = (work: Work): Work => {
    const counted = (...args: unknown[]): unknown => {
      const done = args.at(-1);
      if (typeof done !== 'function') return work(...args);
      pending++;
      return work(...args.slice(0, -1), (...results: unknown[]): unknown => {
        pending--;
        return (done as Work)(...results);
      });
    };
    const custom = work[promisify.custom];
    return custom ? Object.assign(counted, { [promisify.custom]: countPromise(custom) }) : counted;
  };
  replaceAll(crypto, CRYPTO, countCallback);
  replaceAll(zlib, ZLIB, countCallback);
  // Methods must stay bound to their object.
  const { subtle } = globalThis.crypto;
  replaceAll(subtle, SUBTLE, (work) => countPromise(work.bind(subtle) as (...args: unknown[]) => Promise<unknown>));
  syncBuiltinESMExports();
  return () => pending;
}

/** Wraps the functions that this Node version has. */
function replaceAll(target: object, names: readonly string[], wrap: (work: Work) => unknown): void {
  for (const name of names) {
    const work = (target as Record<string, Work | undefined>)[name];
    if (work) Object.defineProperty(target, name, { value: wrap(work), configurable: true, writable: true });
  }
}
