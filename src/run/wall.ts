import { digest } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../mock-server/provider.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { Client } from '../client/client.ts';
import { startClient } from '../client/start-client.ts';
import type { Clock } from '../clock/clock.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { attemptRecord } from '../journal/attempt-record.ts';
import { createCallOf } from '../journal/call-of.ts';
import type { EndRecord } from '../journal/record.ts';
import { planOf } from '../load/plan-of.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { drive } from './drive.ts';
import { headerOf } from './header.ts';
import { askFor } from './prompt.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';
import { type Served, serve } from './serve.ts';

/** How often progress is told, the journal flushed and `shouldStop` asked. */
const TICK_US = 1_000_000;

/**
 * Runs a scenario on real clocks and sockets: the provider on a free loopback port, a gateway before it where the scenario
 * has one, the team's code beside it. The journal is written as it goes. Throws what `startClient` and `serve` throw, before
 * anything is written.
 */
export async function runWall(scenario: Scenario, options: RunOptions): Promise<RunOutcome> {
  const clock = wallClock();
  const recorder = createRecorder(options.openJournal);
  let startedUs = 0;
  let attempts = 0;
  const callOf = createCallOf();
  const provider = createProvider(scenario.provider, digest, await loadTokenizer(scenario.provider));
  const server = await serve(provider, {
    gateway: scenario.gateway,
    nowUs: clock.nowUs,
    onExchange: (exchange, via) =>
      recorder.write({ ...attemptRecord(++attempts, exchange, startedUs, callOf), ...via }),
    signal: options.interrupted,
  });
  let client: Client | undefined;
  try {
    client = await startClient(scenario.client, {
      url: server.url,
      provider: scenario.provider,
      clock,
      allowHosts: options.allowHosts,
      print: options.print,
      signal: options.interrupted,
    });
    recorder.open();
    startedUs = clock.nowUs();
    provider.begin(startedUs);
    recorder.write(headerOf(scenario, options.tool, startedUs, process.version));
    const end = await driveToEnd(scenario, { clock, startedUs, client, server, recorder }, options);
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

interface Started {
  readonly clock: Clock;
  readonly startedUs: number;
  readonly client: Client;
  readonly server: Pick<Served, 'died'>;
  readonly recorder: Recorder;
}

/** Drives the load until it is done, or until the user, a threshold or the client's own end stops it. */
async function driveToEnd(
  scenario: Scenario,
  { clock, startedUs, client, server, recorder }: Started,
  options: RunOptions,
): Promise<Omit<RunOutcome, 'records'> & { endUs: number }> {
  const stop = new AbortController();
  let stopped: EndRecord['stopped'];
  let clientError: Error | undefined;
  const stopFor = (reason: EndRecord['stopped']): void => {
    stopped ??= reason;
    stop.abort();
  };
  const failFor = (reason: EndRecord['stopped'], error: Error): void => {
    clientError ??= error;
    stopFor(reason);
  };
  void client.died.then((error) => failFor('client-exited', error));
  void server.died.then((error) => failFor('gateway-exited', error));
  options.interrupted.addEventListener('abort', () => stopFor('interrupted'));
  // The user may have asked while the client was still being imported.
  if (options.interrupted.aborted) stopFor('interrupted');
  const done = new AbortController();
  const ticking = everySecond(clock, startedUs, AbortSignal.any([stop.signal, done.signal]), (elapsedUs) => {
    recorder.flush();
    options.onTick?.({ elapsedUs, records: recorder.records });
    if (options.shouldStop?.(elapsedUs, recorder.records)) stopFor('threshold');
  });
  await drive(scenario.load.map(planOf), {
    clock,
    startedUs,
    client,
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

async function everySecond(
  clock: Clock,
  startedUs: number,
  stop: AbortSignal,
  act: (elapsedUs: number) => void,
): Promise<void> {
  for (let atUs = TICK_US; !stop.aborted; atUs += TICK_US) {
    await clock.sleepUntil(startedUs + atUs, stop);
    if (!stop.aborted) act(atUs);
  }
}
