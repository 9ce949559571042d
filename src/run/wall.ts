import { randomFor } from '../../mock-server/random.ts';
import type { Redactor } from '../../mock-server/redaction/redactor.ts';
import { createJoiner, type Joiner } from '../attribution/joiner.ts';
import type { Clock } from '../clock/clock.ts';
import { createAttemptRecord } from '../journal/attempt-record.ts';
import type { EndRecord } from '../journal/record.ts';
import { planOf } from '../load/executors.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createCallBuilder } from './call-builder.ts';
import { drive } from './drive.ts';
import { createHeader } from './header.ts';
import { createRecordList } from './record-list.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { type RunContext, type RunOutcome, whyInterrupted } from './run-context.ts';
import { redactRecordsWith } from './run-redactor.ts';
import { type RunTime, startRunTime } from './run-time.ts';
import { serveAll } from './serve-all.ts';
import { watchTimers } from './timer-lateness.ts';
import { startWallClients, type WallClients } from './wall-clients.ts';

/** Interval of progress reports and `shouldStop` checks. */
const TICK_US = 1_000_000;

/**
 * Runs a scenario on real sockets, in wall or scaled time: the provider on a free loopback port, behind a gateway if the
 * scenario has one, and the client's code. The journal is written during the run. Throws what
 * `startRunTime`, `startClient` and `serve` throw, before anything is written.
 */
export async function runWall(scenario: Scenario, options: RunContext, redactor: Redactor): Promise<RunOutcome> {
  const time = await startRunTime(scenario, options.print);
  try {
    return await runOn(time, scenario, options, redactor);
  } finally {
    await time.stop();
  }
}

async function runOn(time: RunTime, scenario: Scenario, options: RunContext, redactor: Redactor): Promise<RunOutcome> {
  const { clock, speed } = time;
  /** Undefined until the client is ready: requests that it starts earlier are not part of the run. */
  let recorder: Recorder | undefined;
  let startedUs = 0;
  let attempts = 0;
  const joiner = createJoiner();
  const server = await serveAll(scenario, {
    gateway: scenario.gateway,
    nowUs: clock.nowUs,
    speed,
    onExchange: (exchange, via, provider) => {
      if (!recorder || exchange.startUs < startedUs) return;
      recorder.write({ ...createAttemptRecord(++attempts, exchange, startedUs, joiner.join, provider), ...via });
    },
    onKey: (key) => redactor.learn([key]),
    signal: options.interrupted,
  });
  let clients: WallClients | undefined;
  try {
    clients = await startWallClients(scenario, {
      providers: server.providers,
      clock,
      environment: time.environment,
      allowHosts: options.allowHosts,
      print: options.print,
      signal: options.interrupted,
      onChange: (record) => recorder?.write(record),
    });
    const journal = options.openJournal?.();
    startedUs = clock.nowUs();
    for (const { provider } of server.providers) provider.start(startedUs);
    const header = createHeader(scenario, options.tool, startedUs, process.version);
    recorder = createRecorder(header, redactRecordsWith(redactor), journal, createRecordList(options));
    const over = new AbortController();
    const changes = clients.change(startedUs, over.signal);
    const clientLost = (error: Error): Lost => ({ reason: 'client-exited', error });
    const lost = Promise.race([
      clients.died.then(clientLost),
      changes.then(() => new Promise<never>(() => undefined), clientLost),
      time.lost.then(clientLost),
      server.died.then((error): Lost => ({ reason: 'gateway-exited', error })),
    ]);
    const end = await driveToEnd(scenario, { clock, speed, startedUs, clients, lost, joiner, recorder }, options);
    over.abort();
    // Close the server first, so that attempts cut off by the end of the run are not recorded as aborted by the client.
    await server.close();
    await clients.stop();
    const { clientError, ...record } = end;
    recorder.write({ type: 'end', ...record });
    return { records: recorder.records, ...end };
  } finally {
    // A client left running (say, because the journal cannot be opened) would keep this process alive.
    await clients?.stop();
    await server.close();
    recorder?.close();
  }
}

/** Why a run cannot continue: its client, clock or gateway is gone. */
interface Lost {
  readonly reason: EndRecord['stopped'];
  readonly error: Error;
}

interface Started {
  readonly clock: Clock;
  readonly speed: number;
  readonly startedUs: number;
  readonly clients: WallClients;
  readonly joiner: Joiner;
  readonly lost: Promise<Lost>;
  readonly recorder: Recorder;
}

/** Drives the load until it ends, or until the user, a threshold or a lost client stops it. */
async function driveToEnd(
  scenario: Scenario,
  { clock, speed, startedUs, clients, lost, joiner, recorder }: Started,
  options: RunContext,
): Promise<Pick<RunOutcome, 'clientError'> & Omit<EndRecord, 'type'>> {
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
  const interrupt = (): void => stopFor(whyInterrupted(options.interrupted));
  options.interrupted.addEventListener('abort', interrupt);
  // The user may have interrupted the import of the client.
  if (options.interrupted.aborted) interrupt();
  const done = new AbortController();
  // Without `shouldStop`, progress is reported in machine time.
  const tickUs = options.shouldStop ? TICK_US : TICK_US * speed;
  const ticking = everyTick({ clock, startedUs, tickUs }, AbortSignal.any([stop.signal, done.signal]), (elapsedUs) => {
    options.onTick?.({ elapsedUs, records: recorder.records });
    if (options.shouldStop?.(elapsedUs, recorder.records)) stopFor('threshold');
  });
  const endWatch = watchTimers();
  await drive(scenario.load.map(planOf), {
    clock,
    startedUs,
    client: clients,
    joiner,
    random: (purpose) => randomFor(scenario.seed, purpose),
    buildCall: createCallBuilder(scenario),
    record: recorder.write,
    stop: stop.signal,
  });
  const endUs = clock.nowUs() - startedUs;
  const timersLateUs = endWatch() * speed;
  done.abort();
  await ticking;
  return { endUs, ...(stopped && { stopped }), timersLateUs, clientError };
}

async function everyTick(
  { clock, startedUs, tickUs }: { clock: Clock; startedUs: number; tickUs: number },
  stop: AbortSignal,
  act: (elapsedUs: number) => void,
): Promise<void> {
  for (let atUs = tickUs; !stop.aborted; atUs += tickUs) {
    await clock.sleepUntil(startedUs + atUs, stop);
    if (!stop.aborted) act(atUs);
  }
}
