import type { Exchange } from '../../mock-server/exchange.ts';
import type { AttemptRecord, Via } from '../journal/call-records.ts';
import { AttemptSeconds, CallSeconds } from '../journal/count-seconds.ts';
import type { HeaderRecord, JournalRecord } from '../journal/record.ts';
import { createRing, type Ring } from './record-ring.ts';

/** Records that a viewer who comes late gets; older ones are in the journal. */
const KEPT_RECORDS = 5000;
/** In virtual time all records come at once, and nobody waits for the provider. */
const KEPT_VIRTUAL_RECORDS = 20_000;
const KEPT_SECONDS = 3600;
const RECENT = 20;

/** Attempts and calls that may come at once and each second before they are only counted. */
const BURST = 10_000;
const PER_SECOND = 1000;

type Hide = (record: JournalRecord) => JournalRecord;

/** A record, or how to make it, which is done only for those that are sent. */
type Item = JournalRecord | (() => JournalRecord);

/** What viewers are to see of a run: each record or, when there are too many, counts of each second and the last attempts. */
export interface LiveFeed {
  readonly header: HeaderRecord | undefined;
  /** Whether attempts and calls are only counted; not at first. */
  readonly counted: boolean;
  /** Place of the first item of the run, or of its counts. */
  readonly start: number;
  /** Place after the last item. */
  readonly total: number;
  /** Starts a run. `hide`: takes the secrets out of records; default: they have none. */
  begin(header: HeaderRecord, hide?: Hide): void;
  push(record: JournalRecord): void;
  /** `startedUs`: start of the run on the exchange's clock. */
  pushExchange(exchange: Exchange, startedUs: number, make: () => JournalRecord): void;
  /** Allows for the records of the time that has passed. */
  tick(passedMs: number): void;
  /** Returns at most `most` records from place `from` on, as a ring does. */
  read(from: number, most: number): ReturnType<Ring<JournalRecord>['read']>;
  /** The last attempts where they are only counted, oldest first. */
  recent(): JournalRecord[];
}

/** Creates the feed of a live page. */
export function createLiveFeed(): LiveFeed {
  let header: HeaderRecord | undefined;
  let hide: Hide = (record) => record;
  let items = createRing<Item>(KEPT_RECORDS);
  let start = 0;
  let counting: Counting | undefined;
  let counted = false;
  let allowed = BURST;
  let last: Item[] = [];
  const show = (item: Item): JournalRecord => hide(typeof item === 'function' ? item() : item);

  /** Keeps an attempt or call, or if there have been too many, only its counts from then on. */
  function keep(item: Item, isAttempt: boolean): void {
    if (counting && !counted && --allowed < 0) {
      counted = true;
      items = counting.seconds;
      start = 0;
    }
    if (!counted) items.add(item);
    else if (isAttempt && last.push(item) >= 2 * RECENT) last = last.slice(-RECENT);
  }
  return {
    get header() {
      return header;
    },
    get counted() {
      return counted;
    },
    get start() {
      return start;
    },
    get total() {
      return items.total;
    },
    begin(started, hideIn = (record) => record) {
      header = started;
      hide = hideIn;
      const isVirtual = started.time === 'virtual' || started.time === 'model';
      counting = isVirtual ? undefined : createCounting();
      counted = false;
      allowed = BURST;
      last = [];
      items = createRing(isVirtual ? KEPT_VIRTUAL_RECORDS : KEPT_RECORDS);
      start = 0;
    },
    push(record) {
      if (record.type === 'attempt') counting?.attempts.add({ ...record, view: record }, 0, viaOf(record));
      else if (record.type === 'call') counting?.calls.add(record.result, record.startUs, record.endUs, record.error);
      if (record.type === 'attempt' || record.type === 'call') keep(record, record.type === 'attempt');
      else if (!counted || record.type === 'second' || record.type === 'end') items.add(record);
    },
    pushExchange(exchange, startedUs, make) {
      counting?.attempts.add(exchange, startedUs);
      keep(make, true);
    },
    tick(passedMs) {
      allowed = Math.min(BURST, allowed + (passedMs / 1000) * PER_SECOND);
    },
    read(from, most) {
      const { items: found, skipped, next } = items.read(from, most);
      return { items: found.map(show), skipped, next };
    },
    recent: () => last.slice(-RECENT).map(show),
  };
}

type Counting = ReturnType<typeof createCounting>;

function createCounting() {
  const seconds = createRing<Item>(KEPT_SECONDS);
  const attempts = new AttemptSeconds(seconds.add);
  const calls = new CallSeconds(seconds.add);
  return { seconds, attempts, calls };
}

function viaOf({ answeredBy, upstream }: AttemptRecord): Via {
  return { ...(answeredBy !== undefined && { answeredBy }), ...(upstream !== undefined && { upstream }) };
}
