type SharedInts = Int32Array<SharedArrayBuffer> | BigInt64Array<SharedArrayBuffer>;
type WaitResult = 'ok' | 'not-equal' | 'timed-out';
type Wait = (ints: SharedInts, index: number, value: number | bigint, ms?: number) => WaitResult;
type AsyncResult =
  | { readonly async: false; readonly value: WaitResult }
  | { readonly async: true; readonly value: Promise<WaitResult> };
type WaitAsync = (ints: SharedInts, index: number, value: number | bigint, ms?: number) => AsyncResult;
type Notify = (ints: SharedInts, index: number, count?: number) => number;

interface Waiter {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly wake: (result: WaitResult) => void;
}

/**
 * Replaces the waits of `Atomics` in this thread: `Atomics.wait` with a timeout, the usual synchronous sleep, calls `block`;
 * `Atomics.waitAsync` times out on the replaced `setTimeout`. Without a timeout `Atomics.wait` really blocks: no other
 * thread could wake it. Call it after `setTimeout` has been replaced.
 */
export function replaceAtomicsWaits(block: (ms: number) => void): void {
  const real = Atomics as unknown as { wait: Wait; waitAsync: WaitAsync; notify: Notify };
  const { wait, notify } = real;
  const waiters = new Set<Waiter>();

  real.wait = (ints, index, value, ms) => {
    const timeoutMs = parseTimeout(ms);
    if (timeoutMs === Infinity) return wait(ints, index, value);
    const result = wait(ints, index, value, 0);
    if (result === 'timed-out') block(timeoutMs);
    return result;
  };

  real.waitAsync = (ints, index, value, ms) => {
    const timeoutMs = parseTimeout(ms);
    // Checks the arguments as well.
    const result = wait(ints, index, value, 0);
    if (result === 'not-equal' || timeoutMs === 0) return { async: false, value: result };
    const woken = new Promise<WaitResult>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        ...placeOf(ints, index),
        wake(how) {
          waiters.delete(waiter);
          clearTimeout(timer);
          resolve(how);
        },
      };
      waiters.add(waiter);
      if (timeoutMs !== Infinity) timer = setTimeout(() => waiter.wake('timed-out'), timeoutMs);
    });
    return { async: true, value: woken };
  };

  real.notify = (ints, index, count = Infinity) => {
    const others = notify(ints, index, count);
    const { buffer, byteOffset } = placeOf(ints, index);
    const here = [...waiters].filter((waiter) => waiter.buffer === buffer && waiter.byteOffset === byteOffset);
    const woken = here.slice(0, Math.max(0, Math.trunc(count) || 0));
    for (const { wake } of woken) wake('ok');
    return others + woken.length;
  };
}

function placeOf(ints: SharedInts, index: number): Pick<Waiter, 'buffer' | 'byteOffset'> {
  return { buffer: ints.buffer, byteOffset: ints.byteOffset + index * ints.BYTES_PER_ELEMENT };
}

/** Converts a timeout as ECMAScript does: nothing and NaN mean no timeout. */
function parseTimeout(ms: unknown): number {
  const timeoutMs = Number(ms);
  return Number.isNaN(timeoutMs) ? Infinity : Math.max(0, timeoutMs);
}
