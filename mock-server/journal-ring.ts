import type { Exchange } from './exchange.ts';

/** An exchange with its sequence number, from 1. */
export interface NumberedExchange extends Exchange {
  readonly number: number;
}

/** The filters and page of a journal query. */
export interface JournalQuery {
  readonly status?: number;
  readonly endpoint?: string;
  readonly model?: string;
  readonly key?: string;
  readonly deniedBy?: string;
  /** Returns only exchanges with a greater number. */
  readonly after?: number;
  /** Maximum number of exchanges on the page. */
  readonly limit: number;
}

export interface JournalPage {
  /** Number of exchanges so far, and number of those kept. */
  readonly total: number;
  readonly kept: number;
  readonly exchanges: readonly NumberedExchange[];
  /** `after` of the next page; null on the last page. */
  readonly next: number | null;
}

/** The latest exchanges of a provider; the oldest are dropped. */
export interface JournalRing {
  add(exchange: Exchange): void;
  page(query: JournalQuery): JournalPage;
  /** The kept exchanges, oldest first. */
  latest(): readonly NumberedExchange[];
  clear(): void;
}

export function createJournalRing(maxSize: number): JournalRing {
  let kept: NumberedExchange[] = [];
  let total = 0;
  return {
    add(exchange) {
      kept.push({ number: ++total, ...exchange });
      // Trim in batches: removing one at a time would copy the whole list for each exchange.
      if (kept.length > maxSize * 1.25) kept = kept.slice(-maxSize);
    },
    page(query) {
      const found = kept.slice(-maxSize).filter((exchange) => matches(exchange, query));
      const exchanges = found.slice(0, query.limit);
      const more = found.length > exchanges.length;
      return { total, kept: Math.min(maxSize, kept.length), exchanges, next: more ? exchanges.at(-1)!.number : null };
    },
    latest: () => kept.slice(-maxSize),
    clear() {
      kept = [];
    },
  };
}

function matches({ number, view }: NumberedExchange, query: JournalQuery): boolean {
  return (
    number > (query.after ?? 0) &&
    (query.status === undefined || view.status === query.status) &&
    (query.endpoint === undefined || view.endpoint === query.endpoint) &&
    (query.model === undefined || view.model === query.model) &&
    (query.key === undefined || view.key === query.key) &&
    (query.deniedBy === undefined || view.deniedBy === query.deniedBy)
  );
}
