import { digest, listen } from '../../mock-server/listen.ts';
import { createProvider } from '../../mock-server/provider.ts';
import { randomFor } from '../../mock-server/random.ts';
import { providerEnvironment } from '../client/client.ts';
import { startModuleClient } from '../client/module-client.ts';
import type { Clock } from '../clock/clock.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { attemptRecord } from '../journal/attempt-record.ts';
import type { JournalWriter } from '../journal/journal-writer.ts';
import { type EndRecord, type HeaderRecord, JOURNAL_VERSION, type JournalRecord } from '../journal/record.ts';
import { planOf } from '../load/plan-of.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { drive } from './drive.ts';
import { askFor } from './prompt.ts';

/** How often progress is told, the journal flushed and `shouldStop` asked. */
const TICK_US = 1_000_000;

export interface RunOptions {
  /** `quotalab 1.2.3`, for the journal's header. */
  readonly tool: string;
  /** Made once the client is ready, so that a client that does not start leaves nothing behind. */
  readonly openJournal: () => JournalWriter;
  readonly allowHosts: readonly string[];
  /** Aborts when the user interrupts. */
  readonly interrupted: AbortSignal;
  /** What the client prints. */
  readonly print: (text: string) => void;
  readonly onTick?: (progress: { readonly elapsedUs: number; readonly records: readonly JournalRecord[] }) => void;
  /** Asked once a second; true ends the run (`abortOnFail`). */
  readonly shouldStop?: (records: readonly JournalRecord[]) => boolean;
}

export interface RunOutcome {
  readonly records: readonly JournalRecord[];
  readonly stopped?: EndRecord['stopped'];
  /** Why the client is gone, when it went on its own. */
  readonly clientError?: Error;
}

/**
 * Runs a scenario on real clocks and sockets: the provider on a free loopback port, the team's module in a worker. The
 * journal is written as it goes. Throws what `startModuleClient` and `listen` throw, before anything is written.
 */
export async function runWall(scenario: Scenario, options: RunOptions): Promise<RunOutcome> {
  const clock = wallClock();
  const records: JournalRecord[] = [];
  const stop = new AbortController();
  let stopped: EndRecord['stopped'];
  const end = (reason: EndRecord['stopped']): void => {
    stopped ??= reason;
    stop.abort();
  };

  let attempts = 0;
  let startedUs = clock.nowUs();
  let journal: JournalWriter | undefined;
  const write = (record: JournalRecord): void => {
    records.push(record);
    journal?.write(record);
  };
  const provider = createProvider(scenario.provider, digest);
  const server = await listen(provider, {
    nowUs: clock.nowUs,
    onExchange: (exchange) => write(attemptRecord(++attempts, exchange, startedUs)),
  });
  try {
    const client = await startModuleClient({
      module: scenario.client.module,
      env: providerEnvironment(server.url),
      clockOriginUs: clock.originUs,
      allowHosts: options.allowHosts,
      print: options.print,
    });
    let clientError: Error | undefined;
    void client.died.then((error) => {
      clientError = error;
      end('client-exited');
    });
    options.interrupted.addEventListener('abort', () => end('interrupted'));
    journal = options.openJournal();
    startedUs = clock.nowUs();
    write(headerOf(scenario, options.tool, startedUs));
    const ticking = tick(clock, startedUs, stop.signal, () => {
      journal?.flush();
      options.onTick?.({ elapsedUs: clock.nowUs() - startedUs, records });
      if (options.shouldStop?.(records)) end('threshold');
    });
    await drive(scenario.load.map(planOf), {
      clock,
      startedUs,
      client,
      random: (purpose) => randomFor(scenario.seed, purpose),
      ask: askFor(scenario.call, scenario.seed),
      record: write,
      stop: stop.signal,
    });
    const endUs = clock.nowUs() - startedUs;
    stop.abort();
    await ticking;
    // The server goes first, so that attempts which the run's end cuts off are told apart from those a client gave up.
    await server.close();
    await client.stop();
    write({ type: 'end', endUs, ...(stopped && { stopped }) });
    return { records, ...(stopped && { stopped }), ...(clientError && { clientError }) };
  } finally {
    await server.close();
    journal?.close();
  }
}

async function tick(clock: Clock, startedUs: number, stop: AbortSignal, act: () => void): Promise<void> {
  for (let atUs = startedUs + TICK_US; !stop.aborted; atUs += TICK_US) {
    await clock.sleepUntil(atUs, stop);
    if (!stop.aborted) act();
  }
}

function headerOf(scenario: Scenario, tool: string, startedUs: number): HeaderRecord {
  return {
    type: 'header',
    version: JOURNAL_VERSION,
    tool,
    seed: scenario.seed,
    time: scenario.time,
    scenario,
    generated: { at: new Date(startedUs / 1000).toISOString(), startedUs, node: process.version },
  };
}
