import { QuotaLabError } from '../../mock-server/error.ts';
import { startScaledTime } from '../client/scaled-time.ts';
import { type Unscaled, watchUnscaled } from '../client/unscaled.ts';
import type { Clock } from '../clock/clock.ts';
import { wallClock } from '../clock/wall-clock.ts';
import type { Scenario } from '../scenario/scenario.ts';

type Variables = Readonly<Record<string, string>>;

/** The clock of a run on sockets, and how its client gets the same. */
export interface RunTime {
  readonly clock: Clock & { readonly originUs: number };
  /** How many times as fast as the machine's it runs. */
  readonly speed: number;
  /** A client's own variables, with those that put it on the clock. */
  environment(own: Variables): Variables;
  /** Resolves when the clock is lost, or the client is found not to be on it. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
}

/** The machine's own clock, or one that runs as many times as fast as the scenario says. Throws what `startScaledTime` does. */
export async function startRunTime({ speed, client }: Scenario, print: (text: string) => void): Promise<RunTime> {
  const machine = wallClock();
  const { originUs } = machine;
  if (speed === undefined) {
    const lost = new Promise<never>(() => undefined);
    return { clock: machine, speed: 1, environment: (own) => own, lost, stop: () => Promise.resolve() };
  }
  const { clock, mark, timesThreads, environment, ...scaled } = await startScaledTime(speed, machine);
  if (!timesThreads && isPython(client)) print(UNTIMED_THREADS);
  const { promise: outside, resolve } = Promise.withResolvers<Error>();
  const endWatch = watchUnscaled(mark, (found) => {
    if (found.isClient) resolve(keepsRealTime(found));
    else print(`quotalab: ${found.why}: it keeps real time, in which its waits last ${speed} times as long\n`);
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

const UNTIMED_THREADS =
  "quotalab: under this libfaketime, waits of Python's threads for one another that have a timeout never end " +
  '(Event.wait(1), queue.get(timeout=1)); 0.9.11 and later have them. time.sleep and asyncio are as they should be.\n';

function isPython({ code }: Scenario['client']): boolean {
  return (
    code.kind === 'command' && code.command.some((word) => /(^|\/)(python|pypy|uv|poetry)[\d.]*$|\.py$/.test(word))
  );
}

function keepsRealTime({ why }: Unscaled): QuotaLabError {
  const problem = { path: 'client.command', message: why, hint: 'use time: wall' };
  return new QuotaLabError('client/outside-scaled-time', 'the client does not see scaled time', {
    problems: [problem],
  });
}
