import { digest } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../mock-server/provider.ts';
import { randomFor } from '../../mock-server/random.ts';
import { createJoiner, type Joiner } from '../attribution/joiner.ts';
import type { Client } from '../client/client.ts';
import { startClient } from '../client/start-client.ts';
import type { Clock } from '../clock/clock.ts';
import { attemptRecord } from '../journal/attempt-record.ts';
import type { EndRecord } from '../journal/record.ts';
import { planOf } from '../load/plan-of.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { drive } from './drive.ts';
import { headerOf } from './header.ts';
import { askFor } from './prompt.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';
import { type RunTime, startRunTime } from './run-time.ts';
import { serve } from './serve.ts';

/** How often progress is told, the journal flushed and `shouldStop` asked. */
const TICK_US = 1_000_000;

/**
 * Runs a scenario on real sockets and clocks, the machine's own or faster ones: the provider on a free loopback port, a
 * gateway before it where the scenario has one, the team's code beside it. The journal is written as it goes. Throws what
 * `startRunTime`, `startClient` and `serve` throw, before anything is written.
 */
export async function runWall(scenario: Scenario, options: RunOptions): Promise<RunOutcome> {
  const time = await startRunTime(scenario, options.print);
  try {
    return await runOn(time, scenario, options);
  } finally {
    await time.stop();
  }
}

async function runOn(time: RunTime, scenario: Scenario, options: RunOptions): Promise<RunOutcome> {
  const { clock, speed } = time;
  const recorder = createRecorder(options.openJournal);
  let startedUs = 0;
  let attempts = 0;
  const joiner = createJoiner();
  const provider = createProvider(scenario.provider, digest, await loadTokenizer(scenario.provider));
  const server = await serve(provider, {
    gateway: scenario.gateway,
    nowUs: clock.nowUs,
    speed,
    onExchange: (exchange, via) =>
      recorder.write({ ...attemptRecord(++attempts, exchange, startedUs, joiner.join), ...via }),
    signal: options.interrupted,
  });
  let client: Client | undefined;
  try {
    client = await startClient(scenario.client, {
      url: server.url,
      provider: scenario.provider,
      clock,
      environment: time.environment,
      allowHosts: options.allowHosts,
      print: options.print,
      signal: options.interrupted,
    });
    recorder.open();
    startedUs = clock.nowUs();
    provider.begin(startedUs);
    recorder.write(headerOf(scenario, options.tool, startedUs, process.version));
    const gone = (error: Error): Lost => ({ reason: 'client-exited', error });
    const lost = Promise.race([
      client.died.then(gone),
      time.lost.then(gone),
      server.died.then((error): Lost => ({ reason: 'gateway-exited', error })),
    ]);
    const end = await driveToEnd(scenario, { clock, speed, startedUs, client, lost, joiner, recorder }, options);
    // The server goes first, so that attempts which the run's end cuts off are told apart from those a client gave up.
    await server.close();
    await client.stop();
    const { clientError, ...record } = end;
    recorder.write({ type: 'end', ...record });
    return { records: recorder.records, ...end };
  } finally {
    // A client that outlives its run (a journal that cannot be opened) would keep the process from ending.
    await client?.stop();
    await server.close();
    recorder.close();
  }
}

/** Why a run cannot go on: its client is gone, its clock, or its gateway. */
interface Lost {
  readonly reason: EndRecord['stopped'];
  readonly error: Error;
}

interface Started {
  readonly clock: Clock;
  readonly speed: number;
  readonly startedUs: number;
  readonly client: Client;
  readonly joiner: Joiner;
  readonly lost: Promise<Lost>;
  readonly recorder: Recorder;
}

/** Drives the load until it is done, or until the user, a threshold or the client's own end stops it. */
async function driveToEnd(
  scenario: Scenario,
  { clock, speed, startedUs, client, lost, joiner, recorder }: Started,
  options: RunOptions,
): Promise<Omit<RunOutcome, 'records'> & { endUs: number }> {
  const stop = new AbortController();
  let stopped: EndRecord['stopped'];
  let clientError: Error | undefined;
  const stopFor = (reason: EndRecord['stopped']): void => {
    stopped ??= reason;
    stop.abort();
  };
  void lost.then(({ reason, error }) => {
    clientError = error;
    stopFor(reason);
  });
  options.interrupted.addEventListener('abort', () => stopFor('interrupted'));
  // The user may have asked while the client was still being imported.
  if (options.interrupted.aborted) stopFor('interrupted');
  const done = new AbortController();
  // Whoever only looks on does so in a time of his own.
  const tickUs = options.shouldStop ? TICK_US : TICK_US * speed;
  const ticking = everyTick(clock, startedUs, tickUs, AbortSignal.any([stop.signal, done.signal]), (elapsedUs) => {
    recorder.flush();
    options.onTick?.({ elapsedUs, records: recorder.records });
    if (options.shouldStop?.(elapsedUs, recorder.records)) stopFor('threshold');
  });
  await drive(scenario.load.map(planOf), {
    clock,
    startedUs,
    client,
    joiner,
    random: (purpose) => randomFor(scenario.seed, purpose),
    ask: askFor(scenario),
    record: recorder.write,
    stop: stop.signal,
  });
  const endUs = clock.nowUs() - startedUs;
  done.abort();
  await ticking;
  return { endUs, ...(stopped && { stopped }), ...(clientError && { clientError }) };
}

async function everyTick(
  clock: Clock,
  startedUs: number,
  tickUs: number,
  stop: AbortSignal,
  act: (elapsedUs: number) => void,
): Promise<void> {
  for (let atUs = tickUs; !stop.aborted; atUs += tickUs) {
    await clock.sleepUntil(startedUs + atUs, stop);
    if (!stop.aborted) act(atUs);
  }
}
