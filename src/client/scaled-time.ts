import { setTimeout as sleep } from 'node:timers/promises';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Clock } from '../clock/clock.ts';
import { meetingOf, narrowest, ranAt, scaledClock } from '../clock/scaled-clock.ts';
import { findFaketime } from './find-faketime.ts';
import { faketimeFails, startTimeKeeper } from './time-keeper.ts';

type Variables = Readonly<Record<string, string>>;

/** A clock that runs faster than the machine's, and what other programs need in their environment to be on it. */
export interface ScaledTime {
  readonly clock: Clock;
  /** The name by which the programs on this clock find it: no other run has it. */
  readonly mark: string;
  /** Whether timed waits between a Python's threads end: see `Faketime`. */
  readonly timesThreads: boolean;
  /** These variables, and those that put a program and all that it starts on the clock. */
  environment(own: Variables): Variables;
  /** Resolves when the clock is gone before it was stopped. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
}

const PRELOAD = process.platform === 'darwin' ? 'DYLD_INSERT_LIBRARIES' : 'LD_PRELOAD';

/** What the keeper shows is in whole milliseconds of its own. */
const RESOLUTION_US = 1000;
/** Between two looks at how fast the keeper's clock runs. */
const BETWEEN_MS = 40;

/**
 * Starts a clock that runs `speed` times as fast as the machine's. Throws `client/no-faketime`, or `client/faketime-fails`
 * where libfaketime is there and does not do what it should.
 */
export async function startScaledTime(speed: number, machine: Clock): Promise<ScaledTime> {
  const { library, timesThreads } = findFaketime();
  const variables = variablesFor(speed);
  const keeper = await startTimeKeeper(library, { ...variables, [PRELOAD]: library });
  const { promise: lost, resolve } = Promise.withResolvers<Error>();
  let stopping = false;
  void keeper.gone.then(() => {
    if (!stopping) resolve(clockLost());
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    await keeper.end();
  };
  const environment = (own: Variables): Variables => ({
    ...own,
    ...variables,
    FAKETIME_SHARED: keeper.shared,
    [PRELOAD]: [library, own[PRELOAD] ?? process.env[PRELOAD]].filter(Boolean).join(':'),
  });
  try {
    const readings = await keeper.read(machine);
    await sleep(BETWEEN_MS);
    const later = narrowest(await keeper.read(machine));
    if (!ranAt(speed, narrowest(readings), later, RESOLUTION_US)) {
      throw faketimeFails(library, `did not make the clock of ${process.execPath} ${speed} times as fast`);
    }
    const clock = scaledClock(machine, speed, meetingOf(readings));
    return { clock, mark: keeper.shared, timesThreads, environment, lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What libfaketime reads, beside where it is loaded from. */
function variablesFor(speed: number): Variables {
  return {
    FAKETIME: `+0 x${speed}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '0',
    // Without it, waits with a deadline on the monotonic clock never end: those of the JVM, and of C's own threads.
    FAKETIME_FORCE_MONOTONIC_FIX: '1',
    // Files keep their real times. Each look at one would take a lock that all programs share, and keep it where one is killed.
    NO_FAKE_STAT: '1',
  };
}

function clockLost(): QuotaLabError {
  const message = 'the process that keeps scaled time has ended: what began later would be on another clock';
  return new QuotaLabError('client/scaled-time-lost', message, { fault: 'tool' });
}
