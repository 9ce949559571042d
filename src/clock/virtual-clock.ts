import { AsyncResource } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { install } from '@sinonjs/fake-timers';
import { Bag } from '../../mock-server/bag.ts';
import type { Clock } from './clock.ts';

/**
 * A clock that jumps from event to event. It moves only in `run`, and only when nothing is left to do at its moment. Its
 * resolution is the millisecond of JavaScript's own timers: what is due in between happens at the next.
 */
export interface VirtualClock extends Clock {
  /** Calls `act` at `atUs`, rounded up to the millisecond, now at the earliest; returns what cancels it. */
  at(atUs: number, act: () => void): () => void;
  /** Calls `act` once when everything else that happens at this instant has happened. */
  afterInstant(act: () => void): void;
  /**
   * Moves time until `until` is settled. `rest` resolves when nothing is runnable any more; `onJump` is asked before each
   * step, and time stands still until what it returns is settled. Throws `StandStill` when nothing is due any more.
   */
  run<Value>(
    until: Promise<Value>,
    rest: () => Promise<void>,
    onJump?: () => Promise<void> | undefined,
  ): Promise<Value>;
}

/** Nothing is due and nothing is runnable: whatever is waited for never comes. */
export class StandStill extends Error {}

const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'] as const;

/** Node takes a delay of 0 for 1 ms, and one that is too long too. */
const LEAST_MS = 1;
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Replaces every clock and timer of this thread, for good. To be called before anything is imported that could keep the
 * real ones: exports of `node:timers` and the like follow only in modules that are linked afterwards. `setImmediate`,
 * `process.nextTick` and promises stay real.
 */
export function installVirtualClock(startUs: number): VirtualClock {
  const fake = install({ now: startUs / 1000, toFake: [...FAKED] });
  const { setTimeout: due, clearTimeout: cancel } = fake as unknown as Timers;
  bindContext();
  fillGaps();
  syncBuiltinESMExports();
  const nowUs = (): number => fake.now * 1000;
  const at = (atUs: number, act: () => void): (() => void) => {
    let timer: unknown;
    const set = (): void => {
      const ms = Math.max(0, Math.ceil(atUs / 1000) - fake.now);
      timer = ms > LONGEST_MS ? due(set, LONGEST_MS) : due(act, ms);
    };
    set();
    return () => cancel(timer);
  };
  const bySignal = new WeakMap<AbortSignal, Bag<Sleeper>>();
  let lastThings: (() => void)[] = [];

  /** Whoever sleeps until a signal: one listener for all of them, since a listener costs more than a timer. */
  function sleepersOf(signal: AbortSignal): Bag<Sleeper> {
    const known = bySignal.get(signal);
    if (known) return known;
    const sleepers = new Bag<Sleeper>();
    bySignal.set(signal, sleepers);
    signal.addEventListener('abort', () => {
      for (const { wake } of sleepers.all()) wake();
    });
    return sleepers;
  }

  function doLastThings(): void {
    const things = lastThings;
    lastThings = [];
    for (const act of things) act();
  }

  return {
    nowUs,
    resolutionUs: 1000,
    at,
    sleepUntil(atUs, signal) {
      if (atUs <= nowUs() || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleepers = signal && sleepersOf(signal);
        const wake = (): void => {
          sleepers?.delete(sleeper);
          stop();
          resolve();
        };
        const sleeper: Sleeper = { place: -1, wake };
        const stop = at(atUs, wake);
        sleepers?.add(sleeper);
      });
    },
    afterInstant: (act) => void lastThings.push(act),
    async run(until, rest, onJump) {
      let settled = false;
      const mark = (): void => {
        settled = true;
      };
      until.then(mark, mark);
      for (;;) {
        await rest();
        if (settled) return until;
        // Behind every timer that is already due at this instant.
        if (lastThings.length > 0) due(doLastThings, 0);
        else await onJump?.();
        if (fake.countTimers() === 0) throw new StandStill();
        fake.next();
      }
    },
  };
}

interface Sleeper {
  place: number;
  readonly wake: () => void;
}

interface Timers {
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Node calls a timer in the asynchronous context that set it, with at least a millisecond's delay; so do these. */
function bindContext(): void {
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const faked = globalThis[name] as (act: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => unknown;
    const bound = (act: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): unknown => {
      const whole = Math.trunc(Number(ms));
      const delay = whole >= LEAST_MS && whole <= LONGEST_MS ? whole : LEAST_MS;
      return faked(typeof act === 'function' ? inContext(act) : act, delay, ...args);
    };
    Object.defineProperty(globalThis, name, { value: bound, configurable: true, writable: true });
    Object.defineProperty(timers, name, { value: bound, configurable: true, writable: true });
  }
}

/** `AsyncResource.bind` without what makes its function look like the other, which takes longer than all the rest. */
function inContext(act: (...args: unknown[]) => void): (...args: unknown[]) => void {
  const context = new AsyncResource('Timeout');
  return (...args) => context.runInAsyncScope(act, undefined, ...args);
}

/** What Node has on timers of its own and the library leaves as it is. */
function fillGaps(): void {
  const virtualSleep = timersPromises.setTimeout;
  Object.defineProperty(globalThis.setTimeout, promisify.custom, { value: virtualSleep });
  timersPromises.scheduler.wait = (ms, options) => virtualSleep(ms, undefined, options);
  AbortSignal.timeout = abortAfter;
}

function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = (): DOMException => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  setTimeout(() => controller.abort(reason()), ms);
  return controller.signal;
}
