import type { HeaderRecord, JournalRecord } from '../../journal/record.ts';
import type { LiveEvent } from '../../live/live-event.ts';

/** Attempts and calls that the page keeps; its charts show these. */
const MAX_RECORDS = 60_000;

/** What has come of a run so far. */
export interface StreamState {
  readonly header: HeaderRecord | undefined;
  readonly records: readonly JournalRecord[];
  /** Records that are not kept. */
  readonly skipped: number;
  /** The last attempts, where `records` has only counts of them; else undefined. */
  readonly counted: readonly JournalRecord[] | undefined;
  readonly hasControl: boolean;
  readonly connection: 'waiting' | 'open' | 'lost' | 'over';
}

export interface Stream {
  read(): StreamState;
}

/** Opens the stream of events. A connection that breaks is opened again, and the run is read from its start. */
export function openStream(token: string): Stream {
  let state: StreamState = {
    header: undefined,
    records: [],
    skipped: 0,
    counted: undefined,
    hasControl: false,
    connection: 'waiting',
  };
  let kept: JournalRecord[] = [];
  const source = new EventSource(`/events?token=${encodeURIComponent(token)}`);
  source.onmessage = ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as LiveEvent;
    if (event.kind === 'over') {
      source.close();
      state = { ...state, connection: 'over' };
    } else if (event.kind === 'hello') {
      kept = [];
      state = {
        header: event.header,
        records: kept,
        skipped: 0,
        counted: event.counted ? [] : undefined,
        hasControl: event.hasControl,
        connection: 'open',
      };
    } else {
      for (const record of event.records) kept.push(record);
      const surplus = kept.length > MAX_RECORDS * 1.2 ? kept.length - MAX_RECORDS : 0;
      if (surplus > 0) kept = kept.slice(surplus);
      const skipped = state.skipped + event.skipped + surplus;
      const counted = state.counted && event.recent;
      state = { ...state, records: kept, skipped, counted, connection: 'open' };
    }
  };
  source.onerror = () => {
    if (state.connection !== 'over') state = { ...state, connection: 'lost' };
  };
  return { read: () => state };
}
