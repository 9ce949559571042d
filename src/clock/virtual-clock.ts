import { AsyncResource } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { install } from '@sinonjs/fake-timers';
import { UnorderedSet } from '../../mock-server/unordered-set.ts';
import type { Clock } from './clock.ts';
import { type FakeClock, findNotClient, makeMonotonic, NOT_CLIENT, repairRemoval } from './fake-clock.ts';
import type { WatchedClock } from './idle-wait.ts';
import { replaceOtherClocks } from './other-clocks.ts';

/**
 * A clock that jumps from event to event. It moves in `run`, when nothing is runnable at the current instant, and in `block`.
 * Its resolution is 1 ms, like that of JavaScript's timers; times in between are rounded up.
 */
export interface VirtualClock extends Clock, WatchedClock {
  /** Calls `act` at `atUs`, rounded up to the millisecond, but never before now. Returns a function that cancels it. */
  at(atUs: number, act: () => void): () => void;
  /** Calls `act` once, after everything else at this instant. */
  afterInstant(act: () => void): void;
  /**
   * Moves time at once, as a synchronous sleep of this thread does: what was set with `at` happens at its time, since the
   * provider does not sleep; other timers and promises are late.
   */
  block(ms: number): void;
  /**
   * Moves time until `until` is settled. `waitUntilIdle` resolves, when nothing is runnable, with the milliseconds that the
   * next step may take; `onJump` is called before each step, and time stands still until its promise settles. Throws
   * `Deadlock` when no timer is left.
   */
  run<Value>(
    until: Promise<Value>,
    waitUntilIdle: () => Promise<number>,
    onJump?: () => Promise<void> | undefined,
  ): Promise<Value>;
}

/** No timer is due and nothing is runnable: the awaited promise can never settle. */
export class Deadlock extends Error {}

const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'] as const;

/** Node uses 1 ms for delays outside this range. */
const MIN_DELAY_MS = 1;
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Replaces every clock and timer of this thread permanently. Call it before importing modules that could keep the real ones:
 * exports of `node:timers` change only for modules linked afterwards. `setImmediate`, `process.nextTick` and promises stay
 * real. `mayRun` says, in the context of a timer that is due, whether it runs: those of a process that has ended do not.
 */
export function installVirtualClock(startUs: number, mayRun?: () => boolean): VirtualClock {
  const fake = install({ now: startUs / 1000, toFake: [...FAKED] }) as unknown as FakeClock;
  const { setTimeout: setTimer, clearTimeout: clearTimer } = fake;
  const time = makeMonotonic(fake);
  repairRemoval(fake);
  bindContext(mayRun);
  fillGaps();
  syncBuiltinESMExports();
  const nowUs = (): number => time.nowMs * 1000;
  const at = (atUs: number, act: () => void): (() => void) => {
    let timer: unknown;
    const set = (): void => {
      const ms = Math.max(0, Math.ceil(atUs / 1000) - time.nowMs);
      timer = ms > MAX_DELAY_MS ? setTimer(set, MAX_DELAY_MS, NOT_CLIENT) : setTimer(act, ms, NOT_CLIENT);
    };
    set();
    return () => clearTimer(timer);
  };
  let instantCallbacks: (() => void)[] = [];

  function endInstant(): void {
    const callbacks = instantCallbacks;
    instantCallbacks = [];
    for (const act of callbacks) act();
  }

  return {
    nowUs,
    nowMs: () => time.nowMs,
    readCount: () => time.readCount,
    resolutionUs: 1000,
    at,
    block(ms) {
      const endMs = time.nowMs + Math.ceil(ms);
      for (let next = findNotClient(fake, endMs); next; next = findNotClient(fake, endMs)) {
        fake.now = next.callAt;
        clearTimer(next.id);
        next.func();
      }
      fake.now = endMs;
    },
    sleepUntil: createSleep(nowUs, at),
    afterInstant: (act) => void instantCallbacks.push(act),
    async run(until, waitUntilIdle, onJump) {
      let settled = false;
      const mark = (): void => {
        settled = true;
      };
      until.then(mark, mark);
      for (;;) {
        const stepMs = await waitUntilIdle();
        if (settled) return until;
        // After every timer that is already due at this instant.
        if (instantCallbacks.length > 0) setTimer(endInstant, 0);
        else await onJump?.();
        const end = stepMs === Infinity ? undefined : setTimer(() => undefined, stepMs);
        if (fake.countTimers() === 0) throw new Deadlock();
        fake.next();
        if (end !== undefined) clearTimer(end);
      }
    },
  };
}

interface Sleeper {
  index: number;
  readonly wake: () => void;
}

function createSleep(nowUs: () => number, at: VirtualClock['at']): Clock['sleepUntil'] {
  const bySignal = new WeakMap<AbortSignal, UnorderedSet<Sleeper>>();

  /** Sleepers by signal: they share one listener, since a listener costs more than a timer. */
  function findSleepers(signal: AbortSignal): UnorderedSet<Sleeper> {
    const known = bySignal.get(signal);
    if (known) return known;
    const sleepers = new UnorderedSet<Sleeper>();
    bySignal.set(signal, sleepers);
    signal.addEventListener('abort', () => {
      for (const { wake } of sleepers.all()) wake();
    });
    return sleepers;
  }

  return (atUs, signal) => {
    if (atUs <= nowUs() || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleepers = signal && findSleepers(signal);
      const wake = (): void => {
        sleepers?.delete(sleeper);
        stop();
        resolve();
      };
      const sleeper: Sleeper = { index: -1, wake };
      const stop = at(atUs, wake);
      sleepers?.add(sleeper);
    });
  };
}

/** Runs timers in the asynchronous context that set them, with Node's minimum delay of 1 ms. */
function bindContext(mayRun: (() => boolean) | undefined): void {
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const faked = globalThis[name] as (act: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => unknown;
    const bound = (act: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): unknown => {
      const whole = Math.trunc(Number(ms));
      const delay = whole >= MIN_DELAY_MS && whole <= MAX_DELAY_MS ? whole : MIN_DELAY_MS;
      const inOwnContext = typeof act === 'function' ? inContext(mayRun ? only(mayRun, act) : act) : act;
      if (name === 'setTimeout') return faked(inOwnContext, delay, ...args);
      // An interval that is late counts from now, as in Node.
      const late = (...given: unknown[]): void => {
        timer.refresh();
        inOwnContext(...given);
      };
      const timer = faked(late, delay, ...args) as NodeJS.Timeout;
      return timer;
    };
    Object.defineProperty(globalThis, name, { value: bound, configurable: true, writable: true });
    Object.defineProperty(timers, name, { value: bound, configurable: true, writable: true });
  }
}

function only(mayRun: () => boolean, act: (...args: unknown[]) => void): (...args: unknown[]) => void {
  return (...args) => {
    if (mayRun()) act(...args);
  };
}

/** `AsyncResource.bind` without copying the function's properties, which dominates its cost. */
function inContext(act: (...args: unknown[]) => void): (...args: unknown[]) => void {
  const context = new AsyncResource('Timeout');
  return (...args) => context.runInAsyncScope(act, undefined, ...args);
}

/** Replaces Node's timer APIs that `@sinonjs/fake-timers` does not replace. */
function fillGaps(): void {
  const virtualSleep = timersPromises.setTimeout;
  Object.defineProperty(globalThis.setTimeout, promisify.custom, { value: virtualSleep });
  timersPromises.scheduler.wait = (ms, options) => virtualSleep(ms, undefined, options);
  AbortSignal.timeout = abortAfter;
  replaceOtherClocks();
}

function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = (): DOMException => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  setTimeout(() => controller.abort(reason()), ms);
  return controller.signal;
}
