import { QuotaLabError } from '../../mock-server/error.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import { openProvider } from '../../mock-server/open-provider.ts';
import type { Redactor } from '../../mock-server/redaction/redactor.ts';
import { createJoiner } from '../attribution/joiner.ts';
import { type AutocannonLoad, startAutocannon } from '../client/autocannon-load.ts';
import type { AutocannonCount } from '../client/autocannon-worker.ts';
import { providerEnvironment } from '../client/client.ts';
import { type PlainRequest, plainRequest } from '../client/plain-request.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { createAttemptRecord } from '../journal/attempt-record.ts';
import type { Via } from '../journal/call-records.ts';
import { AttemptSeconds } from '../journal/count-seconds.ts';
import type { EndRecord } from '../journal/record.ts';
import type { AutocannonCode, Scenario } from '../scenario/scenario.ts';
import { createCallBuilder } from './call-builder.ts';
import { createHeader } from './header.ts';
import { createRecordList } from './record-list.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { type Progress, type RunContext, type RunOutcome, whyInterrupted } from './run-context.ts';
import { redactRecordsWith } from './run-redactor.ts';
import { serve } from './serve.ts';

const TICK_MS = 1000;

/** Number of different requests, sent in rotation. */
const REQUEST_VARIANTS = 16;

/**
 * Runs a scenario whose client is autocannon: the provider runs in this thread, the load in others, without retries.
 * Throws the errors of `serve` and `startAutocannon` before it writes anything.
 */
export async function runRaw(
  scenario: Scenario,
  code: AutocannonCode,
  options: RunContext,
  redactor: Redactor,
): Promise<RunOutcome> {
  const clock = wallClock();
  /** Both are undefined until the load is ready: earlier requests, such as a health check, are not counted. */
  let recorder: Recorder | undefined;
  let attempts: AttemptWriter | undefined;
  let startedUs = 0;
  /** End of the load: attempts that autocannon cuts off then are open, not aborted by the client. */
  let loadEndUs = Infinity;
  const provider = await openProvider(scenario.provider, (key) => redactor.learn([key]));
  const server = await serve(provider, {
    gateway: scenario.gateway,
    nowUs: clock.nowUs,
    signal: options.interrupted,
    onExchange: (exchange, via) => {
      if (exchange.startUs < startedUs) return;
      const cut = exchange.outcome === 'aborted' && exchange.endUs >= loadEndUs;
      attempts?.add(cut ? { ...exchange, outcome: 'open' } : exchange, startedUs, via);
    },
  });
  let load: AutocannonLoad | undefined;
  let gatewayError: Error | undefined;

  try {
    load = await startAutocannon(code, {
      requests: createRequests(scenario, server.url),
      clockOriginUs: clock.originUs,
      allowHosts: options.allowHosts,
      print: options.print,
      record: (record) => recorder?.write(record),
    });
    const journal = options.openJournal?.();
    startedUs = clock.nowUs();
    if (code.amount === undefined) loadEndUs = startedUs + code.durationUs;
    provider.start(startedUs);
    const header = createHeader(scenario, options.tool, startedUs, process.version);
    const opened = createRecorder(header, redactRecordsWith(redactor), journal, createRecordList(options));
    const counted = code.records === 'each' ? writeEachAttempt(opened.write) : new AttemptSeconds(opened.write);
    recorder = opened;
    attempts = counted;
    const nowUs = (): number => clock.nowUs() - startedUs;
    void server.died.then((error) => {
      gatewayError = error;
      load?.stop();
    });
    const readProgress = (): Progress => {
      counted.closeUntil(nowUs());
      return { elapsedUs: nowUs(), records: opened.records };
    };
    const watch = watchRun(load, options, readProgress, () => {
      loadEndUs = Math.min(loadEndUs, clock.nowUs());
    });
    const { loadError, answerError } = await load.fire(startedUs).then(
      (count) => ({ loadError: undefined, answerError: noAnswerError(count) }),
      (error: Error) => ({ loadError: error, answerError: undefined }),
    );
    const clientError = gatewayError ?? loadError ?? answerError;
    loadEndUs = Math.min(loadEndUs, clock.nowUs());
    const stopReason = watch.end();
    const stopped = gatewayError ? 'gateway-exited' : loadError ? 'client-exited' : stopReason;
    await server.close();
    const endUs = nowUs();
    counted.end(endUs);
    opened.write({ type: 'end', endUs, ...(stopped && { stopped }) });
    return { records: opened.records, stopped, clientError };
  } finally {
    await load?.end();
    await server.close();
    recorder?.close();
  }
}

/** Writes a record per attempt, or per second. */
interface AttemptWriter {
  add(exchange: Exchange, startedUs: number, via: Via): void;
  closeUntil(elapsedUs: number): void;
  end(endUs: number): void;
}

/** Writes a record per attempt, joined by its tag to the request of autocannon. */
function writeEachAttempt(write: Recorder['write']): AttemptWriter {
  let lastId = 0;
  const { join } = createJoiner();
  return {
    add: (exchange, startedUs, via) => write({ ...createAttemptRecord(++lastId, exchange, startedUs, join), ...via }),
    closeUntil: () => undefined,
    end: () => undefined,
  };
}

/** Returns an error if no request was answered: such a run has no result. */
function noAnswerError({ completed, errors, lastError }: AutocannonCount): Error | undefined {
  if (completed > 0 || errors === 0) return undefined;
  const problems = [{ path: 'client.autocannon', message: lastError ?? 'no reply before the timeout' }];
  return new QuotaLabError('client/no-answer', 'no request of autocannon was answered', { problems });
}

/** Creates requests in the dialect of the provider, with the API key of the client's environment. */
function createRequests(scenario: Scenario, url: string): PlainRequest[] {
  const env = { ...providerEnvironment(url, scenario.provider), ...scenario.client.env };
  const buildCall = createCallBuilder(scenario);
  return Array.from({ length: REQUEST_VARIANTS }, (_, index) =>
    plainRequest(scenario.provider.dialect, env, buildCall(index + 1, 1, index)),
  );
}

/** Reports progress each second, and stops the load on an interrupt or a threshold. `end` returns the reason. */
function watchRun(
  load: AutocannonLoad,
  options: RunContext,
  readProgress: () => Progress,
  onStop: () => void,
): { end(): EndRecord['stopped'] } {
  let stopped: EndRecord['stopped'];
  const stopFor = (reason: EndRecord['stopped']): void => {
    stopped ??= reason;
    onStop();
    load.stop();
  };
  const timer = setInterval(() => {
    const progress = readProgress();
    options.onTick?.(progress);
    if (options.shouldStop?.(progress.elapsedUs, progress.records)) stopFor('threshold');
  }, TICK_MS);
  const interrupt = (): void => stopFor(whyInterrupted(options.interrupted));
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
