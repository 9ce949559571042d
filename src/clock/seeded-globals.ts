import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Replaces this thread's random sources with `random`: `Math.random`, and `randomUUID`, `getRandomValues`, `randomBytes` and
 * `randomInt` of both crypto APIs. Generated keys are not secure, which is acceptable in a test.
 */
export function seedGlobals(random: () => number): void {
  const fill = <View extends ArrayBufferView>(view: View): View => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = random() * 256;
    return view;
  };
  Math.random = random;
  const uuid = (): crypto.UUID => formatUuid(fill(new Uint8Array(16)));
  replace(globalThis.crypto, { randomUUID: uuid, getRandomValues: fill });
  replace(crypto, {
    randomUUID: uuid,
    randomBytes: (size: number, done?: (error: null, bytes: Buffer) => void) => {
      const bytes = fill(Buffer.alloc(size));
      return done ? process.nextTick(done, null, bytes) : bytes;
    },
    randomInt: (...args: [number, (number | Done)?, Done?]) => {
      const done = args.find((arg) => typeof arg === 'function');
      const [low, high] = typeof args[1] === 'number' ? [args[0], args[1]] : [0, args[0]];
      const drawn = low + Math.floor(random() * (high - low));
      return done ? process.nextTick(done, null, drawn) : drawn;
    },
  });
  syncBuiltinESMExports();
}

/** Redefines the members instead of assigning them, since some are getters. */
function replace(target: object, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
}

type Done = (error: null, drawn: number) => void;

/** Formats sixteen random bytes as a UUID version 4 (RFC 9562). */
function formatUuid(bytes: Uint8Array): crypto.UUID {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as crypto.UUID;
}
