import { isAnswered, isRejected } from '../run/attempts.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { type TimeBins, timeBins } from './time-bins.ts';

/** What became of requests, counted in one time bin. `sent` is the sum of the four endings. */
export interface LoadBin {
  sent: number;
  /** First attempts: the load before any retry. */
  first: number;
  /** Let in, and the reply was complete. */
  admitted: number;
  /** Refused by a limit of the provider. */
  refused: number;
  /** Refused or failed by the gateway itself. */
  byGateway: number;
  /** All other: server errors, broken and abandoned replies, requests still open. */
  failed: number;
}

/** The bins of one load; `name` is empty for a whole run. */
export interface LoadSeries {
  readonly name: string;
  readonly bins: readonly LoadBin[];
  readonly total: LoadBin;
  /** Calls of the load that ended, and how many of them failed; raw load counts its calls too. */
  readonly calls: number;
  readonly callsFailed: number;
}

export interface LoadSeriesSet {
  readonly bins: TimeBins;
  readonly whole: LoadSeries;
  /** Of each named load, if there are several; every attempt is in one of them or joined to no call. */
  readonly loads: readonly LoadSeries[];
}

/** Raw-load replies at most this long after the last whole second are counted in that second. */
const TAIL_US = 200_000;

const RULE = { most: 200, perBin: 8 };

/** Counts requests by what became of them over time, for the run and for each of its loads. */
export function computeLoadSeries(run: Run): LoadSeriesSet {
  const raw = run.seconds.length > 0;
  const events = raw ? Infinity : run.attempts.length;
  const bins = timeBins(raw ? wholeSeconds(run.endUs) : lastStartUs(run), events, RULE);
  const whole = createSeries('', bins);
  const names = [...new Set(run.header.scenario.load.flatMap(({ name }) => (name === undefined ? [] : [name])))];
  const loads = new Map(names.length > 1 ? names.map((name) => [name, createSeries(name, bins)]) : []);
  const loadOf = loads.size > 0 ? new Map(run.calls.map(({ id, load }) => [id, loads.get(load)])) : undefined;
  for (const attempt of run.attempts) {
    const own = loadOf && attempt.call !== null ? loadOf.get(attempt.call) : undefined;
    for (const series of own ? [whole, own] : [whole])
      count(series, bins.indexAt(attempt.startUs), attempt, attempt.number === 1, 1);
  }
  for (const { result, load } of run.calls) {
    if (result === 'open') continue;
    for (const series of [whole, loads.get(load)]) if (series) countCalls(series, result, 1);
  }
  for (const { startUs, attempts = [], calls = [] } of run.seconds) {
    for (const group of attempts) count(whole, bins.indexAt(startUs), group, true, group.count);
    for (const group of calls) if (group.result !== 'open') countCalls(whole, group.result, group.count);
  }
  return { bins, whole, loads: [...loads.values()] };
}

/** What comes after the last request, while replies end, is no time in which less was sent. */
function lastStartUs({ attempts, endUs }: Run): number {
  return attempts.at(-1)?.startUs ?? endUs;
}

/** Raw load is counted in whole seconds. */
function wholeSeconds(endUs: number): number {
  return Math.max(1e6, Math.ceil((endUs - TAIL_US) / 1e6) * 1e6);
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

const emptyBin = (): LoadBin => ({ sent: 0, first: 0, admitted: 0, refused: 0, byGateway: 0, failed: 0 });

function createSeries(name: string, { count: length }: TimeBins): Mutable<LoadSeries> {
  return { name, bins: Array.from({ length }, emptyBin), total: emptyBin(), calls: 0, callsFailed: 0 };
}

type Counted = Parameters<typeof isAnswered>[0] & Pick<Attempt, 'answeredBy'>;

function count(series: LoadSeries, index: number, attempt: Counted, first: boolean, times: number): void {
  const ending = endingOf(attempt);
  for (const bin of [series.bins[index]!, series.total]) {
    bin.sent += times;
    if (first) bin.first += times;
    bin[ending] += times;
  }
}

function endingOf(attempt: Counted): 'admitted' | 'byGateway' | 'refused' | 'failed' {
  if (isAnswered(attempt)) return 'admitted';
  if (attempt.answeredBy === 'gateway') return 'byGateway';
  return isRejected(attempt) ? 'refused' : 'failed';
}

function countCalls(series: Mutable<LoadSeries>, result: 'ok' | 'error', times: number): void {
  series.calls += times;
  if (result === 'error') series.callsFailed += times;
}
