import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Lets everything random that a client draws in this thread follow from one stream: `Math.random`, and of both faces of
 * crypto `randomUUID`, `getRandomValues`, `randomBytes` and `randomInt`. Keys that are made so are worth nothing, which
 * is right for a test.
 */
export function seedGlobals(random: () => number): void {
  const fill = <View extends ArrayBufferView>(view: View): View => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = random() * 256;
    return view;
  };
  Math.random = random;
  const uuid = (): crypto.UUID => uuidOf(fill(new Uint8Array(16)));
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

/** Some of these are getters on a prototype or a module: assigning to them would not do. */
function replace(face: object, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(face, name, { value, configurable: true, writable: true });
  }
}

type Done = (error: null, drawn: number) => void;

/** Version 4 of RFC 9562, from sixteen random bytes. */
function uuidOf(bytes: Uint8Array): crypto.UUID {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as crypto.UUID;
}
