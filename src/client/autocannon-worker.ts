import { parentPort, workerData } from 'node:worker_threads';
import autocannon, { type Client, type Instance, type Options, type Request } from 'autocannon';
import { CALL_TAG_HEADER } from '../../mock-server/provider-view.ts';
import { wallClock } from '../clock/wall-clock.ts';
import type { CallError, CallRecord } from '../journal/call-records.ts';
import { CallSeconds } from '../journal/count-seconds.ts';
import type { SecondRecord } from '../journal/second-record.ts';
import type { AutocannonCode } from '../scenario/scenario.ts';
import { FOREIGN_HOST, guardHosts } from './host-guard.ts';
import { createHostRule } from './host-rule.ts';
import type { PlainRequest } from './plain-request.ts';

export interface AutocannonSettings {
  /** This thread's share of the load. */
  readonly code: AutocannonCode;
  /** Requests to send in rotation. */
  readonly requests: readonly PlainRequest[];
  readonly clockOriginUs: number;
  readonly allowHosts: readonly string[];
}

export type ToAutocannon = { readonly type: 'begin'; readonly startedUs: number } | { readonly type: 'stop' };

/** autocannon's own counts of one thread. */
export interface AutocannonCount {
  /** Complete replies, and the replies among them without a 2xx status. */
  readonly completed: number;
  readonly non2xx: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly errors: number;
  readonly timeouts: number;
  /** Error message of the last broken connection. */
  readonly lastError?: string;
}

export type FromAutocannon =
  | { readonly type: 'ready' }
  | { readonly type: 'records'; readonly records: readonly (CallRecord | SecondRecord)[] }
  | { readonly type: 'done'; readonly count: AutocannonCount };

/** Fields of autocannon's result that its types omit. */
interface ThreadResult {
  readonly totalCompletedRequests: number;
  readonly non2xx: number;
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  readonly errors: number;
  readonly timeouts: number;
}

/** A connection (a client in autocannon's terms) and its pending requests. */
interface Connection {
  readonly vu: number;
  readonly firstId: number;
  iteration: number;
  readonly sent: { readonly id: number; readonly iteration: number; readonly startUs: number }[];
}

/** autocannon ends a run only when it takes a sample; the samples themselves are not used. */
const SAMPLE_INTERVAL_MS = 50;
const SEND_INTERVAL_MS = 100;

const settings = workerData as AutocannonSettings;
const { code, requests } = settings;
const hasCallRecords = code.records === 'each';
const clock = wallClock(settings.clockOriginUs);
const connections = new Set<Connection>();
let records: (CallRecord | SecondRecord)[] = [];
let startedUs = 0;
/** Ids are assigned when requests are built; the first request of a connection is built before the connection. */
let lastId = 0;
let firstId = 0;
let isIdAssigned = false;
let lastError: string | undefined;
const seconds = new CallSeconds((record) => records.push(record));
let instance: (Instance & { stop(): void }) | undefined;

guardHosts(createHostRule(settings.allowHosts));
parentPort!.on('message', (message: ToAutocannon) => {
  if (message.type === 'begin') run(message.startedUs);
  else if (instance) instance.stop();
  else end({ totalCompletedRequests: 0, non2xx: 0, statusCodeStats: {}, errors: 0, timeouts: 0 });
});
send({ type: 'ready' });

function run(runStartedUs: number): void {
  startedUs = runStartedUs;
  const timer = setInterval(flush, SEND_INTERVAL_MS);
  instance = autocannon(options(), () => undefined) as unknown as typeof instance;
  instance!.on('done', (result) => {
    clearInterval(timer);
    end(result as unknown as ThreadResult);
  });
}

function options(): Options {
  const { connections: count, ratePerSecond, durationUs, amount, pipelining, timeoutUs, reconnectRate, bailout } = code;
  return {
    url: new URL(requests[0]!.url).origin,
    method: 'POST',
    requests: requests.map(({ url, headers, body }) => {
      const { pathname, search } = new URL(url);
      return { path: pathname + search, headers, body, ...(hasCallRecords && { setupRequest: tagRequest }) };
    }),
    connections: count,
    pipelining,
    duration: durationUs / 1e6,
    timeout: timeoutUs / 1e6,
    sampleInt: SAMPLE_INTERVAL_MS,
    setupClient: trackConnection,
    ...(ratePerSecond !== undefined && { overallRate: ratePerSecond }),
    ...(amount !== undefined && { amount }),
    ...(reconnectRate !== undefined && { reconnectRate }),
    ...(bailout !== undefined && { bailout }),
  } as Options;
}

function tagRequest(request: Request): Request {
  if (!isIdAssigned) firstId = ++lastId;
  isIdAssigned = false;
  return { ...request, headers: { ...request.headers, [CALL_TAG_HEADER]: String(lastId) } };
}

/** Matches replies to requests: on each connection they arrive in order. */
function trackConnection(client: Client): void {
  const connection: Connection = { vu: connections.size + 1, firstId, iteration: 0, sent: [] };
  connections.add(connection);
  const { sent } = connection;
  client.on('request' as 'headers', () => {
    // More requests than the pipelining allows: the earlier ones were lost with the previous connection.
    if (sent.length >= code.pipelining) failPending(connection);
    const iteration = connection.iteration++;
    const first = iteration === 0;
    if (hasCallRecords && !first) {
      lastId++;
      isIdAssigned = true;
    }
    sent.push({ id: first ? connection.firstId : lastId, iteration, startUs: clock.nowUs() - startedUs });
  });
  client.on('response', (status) => {
    const error = status >= 200 && status < 300 ? undefined : { name: 'HttpError', message: `HTTP ${status}`, status };
    settle(connection, error ? 'error' : 'ok', error);
  });
  client.on('connError' as 'headers', (error: unknown) => {
    const { message, code: name } = error as NodeJS.ErrnoException;
    lastError = message;
    // autocannon would retry forever without a pause.
    if (name === FOREIGN_HOST) throw error;
    failPending(connection, { name: 'ConnectionError', message, ...(name !== undefined && { code: name }) });
  });
}

/** Settles all pending requests of a connection as errors. */
function failPending(connection: Connection, error?: CallError): void {
  while (connection.sent.length > 0) {
    const timedOut = clock.nowUs() - startedUs - connection.sent[0]!.startUs >= code.timeoutUs;
    settle(connection, 'error', error ?? (timedOut ? TIMEOUT : CLOSED));
  }
}

const TIMEOUT: CallError = { name: 'Timeout', message: 'the reply took longer than the timeout' };
const CLOSED: CallError = {
  name: 'ConnectionClosed',
  message: 'the connection was closed before the reply ended',
};

function settle(connection: Connection, result: CallRecord['result'], error?: CallError): void {
  const request = connection.sent.shift();
  if (!request) return;
  const { id, iteration, startUs } = request;
  const endUs = clock.nowUs() - startedUs;
  if (!hasCallRecords) seconds.add(result, startUs, endUs, error);
  else {
    const { vu } = connection;
    const times = { scheduledUs: startUs, startUs, endUs };
    records.push({ type: 'call', id, vu, iteration, ...times, result, ...(error && { error }) });
  }
}

/** Reports pending requests as open, then the counts. */
function end({ totalCompletedRequests, non2xx, statusCodeStats, errors, timeouts }: ThreadResult): void {
  for (const connection of connections) while (connection.sent.length > 0) settle(connection, 'open');
  seconds.end(clock.nowUs() - startedUs);
  flush();
  const byStatus = Object.fromEntries(Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]));
  const counts = { completed: totalCompletedRequests, non2xx, byStatus, errors, timeouts };
  send({ type: 'done', count: { ...counts, ...(lastError !== undefined && { lastError }) } });
  parentPort!.close();
}

function flush(): void {
  if (!hasCallRecords) seconds.closeUntil(clock.nowUs() - startedUs);
  if (records.length > 0) send({ type: 'records', records });
  records = [];
}

function send(message: FromAutocannon): void {
  parentPort!.postMessage(message);
}
