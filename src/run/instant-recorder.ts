import type { Exchange } from '../../mock-server/exchange.ts';
import { createAttemptRecord, type FindCall } from '../journal/attempt-record.ts';
import type { AttemptRecord, CallRecord } from '../journal/call-records.ts';
import type { DroppedRecord, ReplicaRecord } from '../journal/record.ts';

/** A record that is no attempt. */
type OtherRecord = CallRecord | DroppedRecord | ReplicaRecord;

/** An exchange with the name of its provider. */
interface Served {
  readonly exchange: Exchange;
  readonly provider: string;
}

/**
 * Orders the records of a journal independently of the order in which promises settled: the records of one instant are
 * sorted, attempts before calls, and then attempts are numbered.
 */
export interface InstantRecorder {
  /** Sets the start of the run, on the clock of the exchanges. */
  begin(startedUs: number): void;
  /** Ignores an exchange that started before the run. `provider`: its name, if it has one. */
  attempt(exchange: Exchange, provider?: string): void;
  write(record: OtherRecord): void;
  /** Returns a function that lets calls of one instant start in the order of their VUs. */
  orderByVu(afterInstant: (act: () => void) => void): (vu: number) => Promise<void>;
  /** Emits the remaining records: nothing more will happen at this instant. */
  settle(): void;
}

/** Creates a recorder that passes the records of an instant to `emit` when the instant is over. */
export function createInstantRecorder(
  nowUs: () => number,
  findCall: FindCall,
  emit: (record: AttemptRecord | OtherRecord) => void,
): InstantRecorder {
  let startedUs = Infinity;
  let instantUs = -1;
  let exchanges: Served[] = [];
  let otherRecords: OtherRecord[] = [];
  let attempts = 0;

  function settle(): void {
    // Tagged attempts come first: they tell the joiner which call sent a body.
    const tagged = exchanges.length > 1 ? exchanges.sort(byTag) : exchanges;
    const ended = tagged.map(({ exchange, provider }) =>
      createAttemptRecord(0, exchange, startedUs, findCall, provider),
    );
    for (const record of ended.length > 1 ? ended.sort(byCall) : ended) emit({ ...record, id: ++attempts });
    for (const record of otherRecords.length > 1 ? otherRecords.sort(byId) : otherRecords) emit(record);
    exchanges = [];
    otherRecords = [];
  }

  /** Must be called before a record is added: settles the previous instant. */
  function settlePreviousInstant(): void {
    if (nowUs() === instantUs) return;
    settle();
    instantUs = nowUs();
  }

  return {
    begin(zeroUs) {
      startedUs = zeroUs;
    },
    attempt(exchange, provider = '') {
      if (exchange.startUs < startedUs) return;
      settlePreviousInstant();
      exchanges.push({ exchange, provider });
    },
    write(record) {
      settlePreviousInstant();
      otherRecords.push(record);
    },
    orderByVu,
    settle,
  };
}

function byTag({ exchange: a }: Served, { exchange: b }: Served): number {
  return Number(a.view.callTag === undefined) - Number(b.view.callTag === undefined);
}

function byCall(a: AttemptRecord, b: AttemptRecord): number {
  return (a.call ?? Infinity) - (b.call ?? Infinity) || a.startUs - b.startUs;
}

function byId(a: OtherRecord, b: OtherRecord): number {
  return idOf(a) - idOf(b);
}

const idOf = (record: OtherRecord): number => (record.type === 'call' ? record.id : Infinity);

function orderByVu(afterInstant: (act: () => void) => void): (vu: number) => Promise<void> {
  let waiting: { vu: number; start: () => void }[] = [];
  const startAll = (): void => {
    const ordered = waiting.sort((a, b) => a.vu - b.vu);
    waiting = [];
    for (const { start } of ordered) start();
  };
  return (vu) =>
    new Promise((start) => {
      if (waiting.push({ vu, start }) === 1) afterInstant(startAll);
    });
}
