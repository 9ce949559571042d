import type { Exchange } from '../../mock-server/exchange.ts';
import { attemptRecord, type CallOf } from '../journal/attempt-record.ts';
import type { AttemptRecord, CallRecord, DroppedRecord } from '../journal/record.ts';

/**
 * Puts a journal's records in an order that depends on what happened, not on that in which promises told it: records of
 * one instant are sorted, attempts before calls, and attempts numbered only then.
 */
export interface InstantRecorder {
  /** Sets the run's zero, on the clock of the exchanges. */
  begin(startedUs: number): void;
  attempt(exchange: Exchange): void;
  write(record: CallRecord | DroppedRecord): void;
  /** Lets calls of one instant start in the order of their VUs. */
  inTurn(afterInstant: (act: () => void) => void): (vu: number) => Promise<void>;
  /** Tells what is left: nothing more will happen at the present instant. */
  settle(): void;
}

/** `emit` is told the records of each instant when it is over, on the same clock as `nowUs`. */
export function createInstantRecorder(
  nowUs: () => number,
  callOf: CallOf,
  emit: (record: AttemptRecord | CallRecord | DroppedRecord) => void,
): InstantRecorder {
  let startedUs = 0;
  let instantUs = -1;
  let exchanges: Exchange[] = [];
  let others: (CallRecord | DroppedRecord)[] = [];
  let attempts = 0;

  function settle(): void {
    // What has a tag says who sent a body, and is asked first.
    const tagged = exchanges.length > 1 ? exchanges.sort(byTag) : exchanges;
    const ended = tagged.map((exchange) => attemptRecord(0, exchange, startedUs, callOf));
    for (const record of ended.length > 1 ? ended.sort(byCall) : ended) emit({ ...record, id: ++attempts });
    for (const record of others.length > 1 ? others.sort(byId) : others) emit(record);
    exchanges = [];
    others = [];
  }

  /** Called before anything is added, so that an instant is settled when the next one has something to tell. */
  function moveOn(): void {
    if (nowUs() === instantUs) return;
    settle();
    instantUs = nowUs();
  }

  return {
    begin(zeroUs) {
      startedUs = zeroUs;
    },
    attempt(exchange) {
      moveOn();
      exchanges.push(exchange);
    },
    write(record) {
      moveOn();
      others.push(record);
    },
    inTurn,
    settle,
  };
}

function byTag(a: Exchange, b: Exchange): number {
  return Number(a.sight.callTag === undefined) - Number(b.sight.callTag === undefined);
}

function byCall(a: AttemptRecord, b: AttemptRecord): number {
  return (a.call ?? Infinity) - (b.call ?? Infinity) || a.startUs - b.startUs;
}

function byId(a: CallRecord | DroppedRecord, b: CallRecord | DroppedRecord): number {
  return idOf(a) - idOf(b);
}

const idOf = (record: CallRecord | DroppedRecord): number => (record.type === 'call' ? record.id : Infinity);

function inTurn(afterInstant: (act: () => void) => void): (vu: number) => Promise<void> {
  let waiting: { vu: number; start: () => void }[] = [];
  const startAll = (): void => {
    const turn = waiting.sort((a, b) => a.vu - b.vu);
    waiting = [];
    for (const { start } of turn) start();
  };
  return (vu) =>
    new Promise((start) => {
      if (waiting.push({ vu, start }) === 1) afterInstant(startAll);
    });
}
