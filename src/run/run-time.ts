import { QuotaLabError } from '../../mock-server/error.ts';
import { startScaledTime } from '../client/scaled-time.ts';
import { type UnscaledProgram, watchUnscaled } from '../client/unscaled.ts';
import type { Clock } from '../clock/clock.ts';
import { wallClock } from '../clock/wall-clock.ts';
import type { Scenario } from '../scenario/scenario.ts';

type Variables = Readonly<Record<string, string>>;

/** The clock of a run on sockets, and the environment that puts its client on the same clock. */
export interface RunTime {
  readonly clock: Clock & { readonly originUs: number };
  /** Factor by which the clock runs faster than the machine's. */
  readonly speed: number;
  /** Adds the variables that put a client on the clock to its own. */
  environment(own: Variables): Variables;
  /** Resolves when the clock fails, or the client turns out not to be on it. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
}

/** Returns the machine's clock, or one that runs faster by the scenario's `speed`. Throws what `startScaledTime` throws. */
export async function startRunTime({ speed, client }: Scenario, print: (text: string) => void): Promise<RunTime> {
  const machine = wallClock();
  const { originUs } = machine;
  if (speed === undefined) {
    const lost = new Promise<never>(() => undefined);
    return { clock: machine, speed: 1, environment: (own) => own, lost, stop: () => Promise.resolve() };
  }
  const { clock, mark, fakesThreadWaits, environment, ...scaled } = await startScaledTime(speed, machine);
  if (!fakesThreadWaits && isPython(client)) print(PYTHON_THREADS_WARNING);
  const { promise: outside, resolve } = Promise.withResolvers<Error>();
  const endWatch = watchUnscaled(mark, (found) => {
    if (found.isClient) resolve(outsideScaledTimeError(found));
    else print(`quotalab: ${found.reason}: it runs in real time, so its waits last ${speed} times as long\n`);
  });
  return {
    clock: { ...clock, originUs },
    speed,
    environment,
    lost: Promise.race([scaled.lost, outside]),
    async stop() {
      endWatch();
      await scaled.stop();
    },
  };
}

const PYTHON_THREADS_WARNING =
  'quotalab: with this version of libfaketime, waits between Python threads with a timeout never end ' +
  '(Event.wait(1), queue.get(timeout=1)). Update to 0.9.11 or later. time.sleep and asyncio are not affected.\n';

function isPython({ code }: Scenario['client']): boolean {
  return (
    code.kind === 'command' && code.command.some((word) => /(^|\/)(python|pypy|uv|poetry)[\d.]*$|\.py$/.test(word))
  );
}

function outsideScaledTimeError({ reason: why }: UnscaledProgram): QuotaLabError {
  const problem = { path: 'client.command', message: why, hint: 'use time: wall' };
  return new QuotaLabError('client/outside-scaled-time', 'the client does not run in scaled time', {
    problems: [problem],
  });
}
