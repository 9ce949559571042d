import { parentPort, workerData } from 'node:worker_threads';
import autocannon, { type Client, type Instance, type Options, type Request } from 'autocannon';
import { CALL_TAG_HEADER } from '../../mock-server/provider-view.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { CallSeconds } from '../journal/count-seconds.ts';
import type { CallError, CallRecord } from '../journal/record.ts';
import type { SecondRecord } from '../journal/second-record.ts';
import type { AutocannonCode } from '../scenario/scenario.ts';
import { FOREIGN_HOST, guardHosts } from './host-guard.ts';
import type { PlainRequest } from './plain-request.ts';

export interface AutocannonSettings {
  /** This thread's share of the load. */
  readonly code: AutocannonCode;
  /** What is sent, in turn. */
  readonly requests: readonly PlainRequest[];
  readonly clockOriginUs: number;
  readonly allowHosts: readonly string[];
}

export type ToAutocannon = { readonly type: 'begin'; readonly startedUs: number } | { readonly type: 'stop' };

/** What autocannon itself counted of a thread. */
export interface AutocannonCount {
  /** Answers that it read whole, and those among them that were no 2xx. */
  readonly completed: number;
  readonly non2xx: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly errors: number;
  readonly timeouts: number;
  /** What the last connection that broke said. */
  readonly lastError?: string;
}

export type FromAutocannon =
  | { readonly type: 'ready' }
  | { readonly type: 'records'; readonly records: readonly (CallRecord | SecondRecord)[] }
  | { readonly type: 'done'; readonly count: AutocannonCount };

/** What of autocannon's result its types leave out. In a thread it has counts only. */
interface ThreadResult {
  readonly totalCompletedRequests: number;
  readonly non2xx: number;
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  readonly errors: number;
  readonly timeouts: number;
}

/** A connection, which autocannon calls a client, with the requests that are under way on it. */
interface Connection {
  readonly vu: number;
  readonly firstId: number;
  iteration: number;
  readonly sent: { readonly id: number; readonly iteration: number; readonly startUs: number }[];
}

/** autocannon's own samples serve nothing here, but a run ends with one of them. */
const SAMPLE_MS = 50;
const TELL_EVERY_MS = 100;

const settings = workerData as AutocannonSettings;
const { code, requests } = settings;
const each = code.records === 'each';
const clock = wallClock(settings.clockOriginUs);
const connections = new Set<Connection>();
let records: (CallRecord | SecondRecord)[] = [];
let startedUs = 0;
/** Ids are given out as requests are made; the first of a connection is made before the connection is. */
let lastId = 0;
let firstId = 0;
let isAnnounced = false;
let lastError: string | undefined;
const seconds = new CallSeconds((record) => records.push(record));
let instance: (Instance & { stop(): void }) | undefined;

guardHosts(settings.allowHosts);
parentPort!.on('message', (message: ToAutocannon) => {
  if (message.type === 'begin') run(message.startedUs);
  else if (instance) instance.stop();
  else end({ totalCompletedRequests: 0, non2xx: 0, statusCodeStats: {}, errors: 0, timeouts: 0 });
});
tell({ type: 'ready' });

function run(runStartedUs: number): void {
  startedUs = runStartedUs;
  const timer = setInterval(hand, TELL_EVERY_MS);
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
      return { path: pathname + search, headers, body, ...(each && { setupRequest: tagged }) };
    }),
    connections: count,
    pipelining,
    duration: durationUs / 1e6,
    timeout: timeoutUs / 1e6,
    sampleInt: SAMPLE_MS,
    setupClient: follow,
    ...(ratePerSecond !== undefined && { overallRate: ratePerSecond }),
    ...(amount !== undefined && { amount }),
    ...(reconnectRate !== undefined && { reconnectRate }),
    ...(bailout !== undefined && { bailout }),
  } as Options;
}

function tagged(request: Request): Request {
  if (!isAnnounced) firstId = ++lastId;
  isAnnounced = false;
  return { ...request, headers: { ...request.headers, [CALL_TAG_HEADER]: String(lastId) } };
}

/** Answers come in the order of their requests on each connection. */
function follow(client: Client): void {
  const connection: Connection = { vu: connections.size + 1, firstId, iteration: 0, sent: [] };
  connections.add(connection);
  const { sent } = connection;
  client.on('request' as 'headers', () => {
    // What is more than can be under way was lost with the connection before.
    if (sent.length >= code.pipelining) lose(connection);
    const iteration = connection.iteration++;
    const first = iteration === 0;
    if (each && !first) {
      lastId++;
      isAnnounced = true;
    }
    sent.push({ id: first ? connection.firstId : lastId, iteration, startUs: clock.nowUs() - startedUs });
  });
  client.on('response', (status) => {
    const error = status >= 200 && status < 300 ? undefined : { name: 'HttpError', message: `HTTP ${status}`, status };
    settle(connection, error ? 'error' : 'ok', error);
  });
  client.on('connError' as 'headers', (broken: unknown) => {
    const { message, code: name } = broken as NodeJS.ErrnoException;
    lastError = message;
    // autocannon would try again, without end and as fast as it can.
    if (name === FOREIGN_HOST) throw broken;
    lose(connection, { name: 'ConnectionError', message, ...(name !== undefined && { code: name }) });
  });
}

/** Everything that was under way on a connection is over without an answer. */
function lose(connection: Connection, broken?: CallError): void {
  while (connection.sent.length > 0) {
    const late = clock.nowUs() - startedUs - connection.sent[0]!.startUs >= code.timeoutUs;
    settle(connection, 'error', broken ?? (late ? TIMEOUT : CLOSED));
  }
}

const TIMEOUT: CallError = { name: 'Timeout', message: 'the answer took longer than the timeout' };
const CLOSED: CallError = {
  name: 'ConnectionClosed',
  message: 'the connection was closed before the answer had ended',
};

function settle(connection: Connection, result: CallRecord['result'], error?: CallError): void {
  const request = connection.sent.shift();
  if (!request) return;
  const { id, iteration, startUs } = request;
  const endUs = clock.nowUs() - startedUs;
  if (!each) seconds.add(result, startUs, endUs, error);
  else {
    const { vu } = connection;
    const times = { scheduledUs: startUs, startUs, endUs };
    records.push({ type: 'call', id, vu, iteration, ...times, result, ...(error && { error }) });
  }
}

/** What is still under way when autocannon ends has not ended. */
function end({ totalCompletedRequests, non2xx, statusCodeStats, errors, timeouts }: ThreadResult): void {
  for (const connection of connections) while (connection.sent.length > 0) settle(connection, 'open');
  seconds.end(clock.nowUs() - startedUs);
  hand();
  const byStatus = Object.fromEntries(Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]));
  const counts = { completed: totalCompletedRequests, non2xx, byStatus, errors, timeouts };
  tell({ type: 'done', count: { ...counts, ...(lastError !== undefined && { lastError }) } });
  parentPort!.close();
}

function hand(): void {
  if (!each) seconds.passTo(clock.nowUs() - startedUs);
  if (records.length > 0) tell({ type: 'records', records });
  records = [];
}

function tell(message: FromAutocannon): void {
  parentPort!.postMessage(message);
}
