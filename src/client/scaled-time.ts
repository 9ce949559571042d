import { setTimeout as sleep } from 'node:timers/promises';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Clock } from '../clock/clock.ts';
import { findSyncPoint, isRunningAt, mostPrecise, scaledClock } from '../clock/scaled-clock.ts';
import { findFaketime } from './find-faketime.ts';
import { faketimeError, startTimeKeeper } from './time-keeper.ts';

type Variables = Readonly<Record<string, string>>;

/** A clock that runs faster than the machine's, and the environment that puts other programs on it. */
export interface ScaledTime {
  readonly clock: Clock;
  /** Unique name of the clock (`FAKETIME_SHARED`), set for every program on it. */
  readonly mark: string;
  /** Whether timed waits of Python threads end: see `Faketime`. */
  readonly fakesThreadWaits: boolean;
  /** Adds the variables that put a program and its children on the clock. */
  environment(own: Variables): Variables;
  /** Resolves if the clock ends before it is stopped. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
}

const PRELOAD_VARIABLE = process.platform === 'darwin' ? 'DYLD_INSERT_LIBRARIES' : 'LD_PRELOAD';

/** The time keeper reports whole milliseconds. */
const RESOLUTION_US = 1000;
/** Interval for measuring the speed of the keeper's clock. */
const SPEED_CHECK_MS = 40;

/**
 * Starts a clock that runs `speed` times as fast as the machine's. Throws `client/no-faketime`, or `client/faketime-fails`
 * if libfaketime does not work.
 */
export async function startScaledTime(speed: number, machine: Clock): Promise<ScaledTime> {
  const { library, fakesThreadWaits } = findFaketime();
  const variables = faketimeVariables(speed);
  const keeper = await startTimeKeeper(library, { ...variables, [PRELOAD_VARIABLE]: library });
  const { promise: lost, resolve } = Promise.withResolvers<Error>();
  let stopping = false;
  void keeper.gone.then(() => {
    if (!stopping) resolve(clockLostError());
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    await keeper.end();
  };
  const environment = (own: Variables): Variables => ({
    ...own,
    ...variables,
    FAKETIME_SHARED: keeper.shared,
    [PRELOAD_VARIABLE]: [library, own[PRELOAD_VARIABLE] ?? process.env[PRELOAD_VARIABLE]].filter(Boolean).join(':'),
  });
  try {
    const readings = await keeper.read(machine);
    await sleep(SPEED_CHECK_MS);
    const later = mostPrecise(await keeper.read(machine));
    if (!isRunningAt(speed, mostPrecise(readings), later, RESOLUTION_US)) {
      throw faketimeError(library, `did not make the clock of ${process.execPath} ${speed} times as fast`);
    }
    const clock = scaledClock(machine, speed, findSyncPoint(readings));
    return { clock, mark: keeper.shared, fakesThreadWaits, environment, lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Settings of libfaketime. */
function faketimeVariables(speed: number): Variables {
  return {
    FAKETIME: `+0 x${speed}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '0',
    // Without it, waits with a monotonic deadline never end (the JVM, pthreads).
    FAKETIME_FORCE_MONOTONIC_FIX: '1',
    // Files keep their real times: each `stat` would take a lock shared by all programs, held forever if one is killed.
    NO_FAKE_STAT: '1',
  };
}

function clockLostError(): QuotaLabError {
  const message = 'the process that keeps scaled time ended: programs started later would run on another clock';
  return new QuotaLabError('client/scaled-time-lost', message);
}
