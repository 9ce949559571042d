import type { Exchange } from '../../mock-server/exchange.ts';
import { attemptRecord } from '../journal/attempt-record.ts';
import { lineOf } from '../journal/journal-writer.ts';
import type { AttemptRecord, CallRecord, DroppedRecord, HeaderRecord } from '../journal/record.ts';

/**
 * Writes a journal's lines so that they depend on what happened, not on the order in which promises told it: records of
 * one instant are sorted, attempts before calls, and attempts numbered only then.
 */
export interface InstantRecorder {
  begin(header: HeaderRecord): void;
  attempt(exchange: Exchange): void;
  write(record: CallRecord | DroppedRecord): void;
  /** Lets calls of one instant start in the order of their VUs. */
  inTurn(afterInstant: (act: () => void) => void): (vu: number) => Promise<void>;
  /** The lines since the last time: of instants that are over, and of the present one where it is `settled`. */
  take(settled: boolean): { lines: string; elapsedUs: number };
}

export function createInstantRecorder(nowUs: () => number): InstantRecorder {
  let startedUs = 0;
  let instantUs = -1;
  let exchanges: Exchange[] = [];
  let others: (CallRecord | DroppedRecord)[] = [];
  let attempts = 0;
  let lines = '';

  function settle(): void {
    const ended = exchanges.map((exchange) => attemptRecord(0, exchange, startedUs));
    for (const record of ended.length > 1 ? ended.sort(byCall) : ended) lines += lineOf({ ...record, id: ++attempts });
    for (const record of others.length > 1 ? others.sort(byId) : others) lines += lineOf(record);
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
    begin(header) {
      startedUs = header.generated.startedUs;
      lines += lineOf(header);
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
    take(settled) {
      if (settled) settle();
      const taken = { lines, elapsedUs: nowUs() - startedUs };
      lines = '';
      return taken;
    },
  };
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
