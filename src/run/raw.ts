import { QuotaLabError } from '../../mock-server/error.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import { digest } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../mock-server/provider.ts';
import { createJoiner } from '../attribution/joiner.ts';
import { type AutocannonLoad, startAutocannon } from '../client/autocannon-load.ts';
import type { AutocannonCount } from '../client/autocannon-worker.ts';
import { providerEnvironment } from '../client/client.ts';
import { type PlainRequest, plainRequest } from '../client/plain-request.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { attemptRecord } from '../journal/attempt-record.ts';
import { AttemptSeconds } from '../journal/count-seconds.ts';
import type { EndRecord, Via } from '../journal/record.ts';
import type { AutocannonCode, Scenario } from '../scenario/scenario.ts';
import { headerOf } from './header.ts';
import { askFor } from './prompt.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { Progress, RunOptions, RunOutcome } from './run-options.ts';
import { serve } from './serve.ts';

const TICK_MS = 1000;

/** So many questions are asked in turn, so that not all of them are the same. */
const QUESTIONS = 16;

/**
 * Runs a scenario whose client is autocannon: the provider in this thread, the load in others, every request sent once.
 * Throws what `serve` throws, or that a thread could not start, before anything is written.
 */
export async function runRaw(scenario: Scenario, code: AutocannonCode, options: RunOptions): Promise<RunOutcome> {
  const clock = wallClock();
  const recorder = createRecorder(options.openJournal);
  let startedUs = 0;
  /** When the load was over: what autocannon cuts off then is no client that went away. */
  let overUs = Infinity;
  const attempts: AttemptKeeper =
    code.records === 'each' ? eachAttempt(recorder.write) : new AttemptSeconds(recorder.write);
  const provider = createProvider(scenario.provider, digest, await loadTokenizer(scenario.provider));
  const server = await serve(provider, {
    gateway: scenario.gateway,
    nowUs: clock.nowUs,
    signal: options.interrupted,
    onExchange: (exchange, via) => {
      const cut = exchange.outcome === 'aborted' && exchange.endUs >= overUs;
      attempts.add(cut ? { ...exchange, outcome: 'open' } : exchange, startedUs, via);
    },
  });
  let load: AutocannonLoad | undefined;
  let gatewayError: Error | undefined;

  try {
    load = await startAutocannon(code, {
      requests: questionsOf(scenario, server.url),
      clockOriginUs: clock.originUs,
      allowHosts: options.allowHosts,
      print: options.print,
      record: recorder.write,
    });
    recorder.open();
    startedUs = clock.nowUs();
    if (code.amount === undefined) overUs = startedUs + code.durationUs;
    provider.begin(startedUs);
    recorder.write(headerOf(scenario, options.tool, startedUs, process.version));
    const nowUs = (): number => clock.nowUs() - startedUs;
    void server.died.then((error) => {
      gatewayError = error;
      load?.stop();
    });
    const look = (): Progress => {
      attempts.passTo(nowUs());
      recorder.flush();
      return { elapsedUs: nowUs(), records: recorder.records };
    };
    const watch = watching(load, options, look, () => {
      overUs = Math.min(overUs, clock.nowUs());
    });
    const { died, unheard } = await load.fire(startedUs).then(
      (count) => ({ died: undefined, unheard: unheardBy(count) }),
      (error: Error) => ({ died: error, unheard: undefined }),
    );
    const clientError = gatewayError ?? died ?? unheard;
    overUs = Math.min(overUs, clock.nowUs());
    const asked = watch.end();
    const stopped = gatewayError ? 'gateway-exited' : died ? 'client-exited' : asked;
    await server.close();
    const endUs = nowUs();
    attempts.end(endUs);
    recorder.write({ type: 'end', endUs, ...(stopped && { stopped }) });
    return { records: recorder.records, ...(stopped && { stopped }), ...(clientError && { clientError }) };
  } finally {
    await load?.end();
    await server.close();
    recorder.close();
  }
}

/** What is made of attempts: a record of each, or of each second. */
interface AttemptKeeper {
  add(exchange: Exchange, startedUs: number, via: Via): void;
  passTo(elapsedUs: number): void;
  end(endUs: number): void;
}

/** Keeps each attempt by itself, with the request of autocannon that its tag names; seconds pass without a record. */
function eachAttempt(write: Recorder['write']): AttemptKeeper {
  let lastId = 0;
  const { join } = createJoiner();
  return {
    add: (exchange, startedUs, via) => write({ ...attemptRecord(++lastId, exchange, startedUs, join), ...via }),
    passTo: () => undefined,
    end: () => undefined,
  };
}

/** Why a run in which no request was answered says nothing. */
function unheardBy({ completed, errors, lastError }: AutocannonCount): Error | undefined {
  if (completed > 0 || errors === 0) return undefined;
  const problems = [{ path: 'client.autocannon', message: lastError ?? 'no answer came in time' }];
  return new QuotaLabError('client/no-answer', 'none of the requests of autocannon was answered', { problems });
}

/** What is asked: by no SDK, in the provider's own words, with the key that its environment has. */
function questionsOf(scenario: Scenario, url: string): PlainRequest[] {
  const env = { ...providerEnvironment(url, scenario.provider), ...scenario.client.env };
  const ask = askFor(scenario);
  return Array.from({ length: QUESTIONS }, (_, index) =>
    plainRequest(scenario.provider.dialect, env, ask(index + 1, 1, index)),
  );
}

/** Tells progress each second, and stops the load for the user or a threshold. `end` says which of them it was. */
function watching(
  load: AutocannonLoad,
  options: RunOptions,
  look: () => Progress,
  stopping: () => void,
): { end(): EndRecord['stopped'] } {
  let stopped: EndRecord['stopped'];
  const stopFor = (reason: EndRecord['stopped']): void => {
    stopped ??= reason;
    stopping();
    load.stop();
  };
  const timer = setInterval(() => {
    const progress = look();
    options.onTick?.(progress);
    if (options.shouldStop?.(progress.elapsedUs, progress.records)) stopFor('threshold');
  }, TICK_MS);
  const interrupt = (): void => stopFor('interrupted');
  options.interrupted.addEventListener('abort', interrupt);
  if (options.interrupted.aborted) interrupt();
  return {
    end() {
      clearInterval(timer);
      options.interrupted.removeEventListener('abort', interrupt);
      return stopped;
    },
  };
}
