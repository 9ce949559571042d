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

type Work = ((...args: unknown[]) => unknown) & {
  readonly [promisify.custom]?: (...args: unknown[]) => Promise<unknown>;
};

/** Creates one stream per class of Node's compression handles. */
const COMPRESSIONS = [
  () => zlib.createGzip(),
  () => zlib.createBrotliCompress(),
  () => zlib.createBrotliDecompress(),
  () => zlib.createZstdCompress?.(),
  () => zlib.createZstdDecompress?.(),
] as const;

/** The native part of a compression stream: each `write` is one piece of work, after which it calls back. */
interface CompressionHandle {
  init(...settings: unknown[]): unknown;
  write(...args: unknown[]): unknown;
}

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
  // Methods must stay bound to their object.
  const { subtle } = globalThis.crypto;
  replaceAll(subtle, SUBTLE, (work) => countPromise(work.bind(subtle) as (...args: unknown[]) => Promise<unknown>));
  countCompression((change) => {
    pending += change;
  });
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

/**
 * Counts the work of every compression stream where Node starts it, also for callbacks, `CompressionStream` and the bodies that
 * HTTP clients decompress. A stream that waits for its reader has no work.
 */
function countCompression(count: (change: 1 | -1) => void): void {
  for (const create of COMPRESSIONS) {
    const stream = create() as unknown as { readonly _handle: CompressionHandle; destroy(): void } | undefined;
    if (!stream) continue;
    const prototype = Object.getPrototypeOf(stream._handle) as CompressionHandle;
    const { init, write } = prototype;
    stream.destroy();
    const ended = <Args extends unknown[]>(act: (...args: Args) => unknown) =>
      function counted(this: unknown, ...args: Args): unknown {
        count(-1);
        return act.apply(this, args);
      };
    prototype.init = function initCounted(this: object, ...settings) {
      return init.apply(
        this,
        settings.map((setting) => (typeof setting === 'function' ? ended(setting as Work) : setting)),
      );
    };
    // Called instead of the callback if the data are damaged.
    Object.defineProperty(prototype, 'onerror', {
      set(this: object, act: Work) {
        Object.defineProperty(this, 'onerror', { value: ended(act), configurable: true, writable: true });
      },
    });
    prototype.write = function writeCounted(this: object, ...args) {
      const result = write.apply(this, args);
      count(1);
      return result;
    };
  }
}
