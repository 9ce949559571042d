import type { Exchange } from './exchange.ts';

/** An exchange with its number, counted from 1. */
export interface Numbered extends Exchange {
  readonly number: number;
}

/** Which exchanges are wanted, and which page of them. */
export interface JournalQuery {
  readonly status?: number;
  readonly endpoint?: string;
  readonly model?: string;
  readonly key?: string;
  readonly deniedBy?: string;
  /** Only those with a greater number. */
  readonly after?: number;
  /** At most so many. */
  readonly limit: number;
}

export interface JournalPage {
  /** Exchanges that there have been, and that are kept. */
  readonly total: number;
  readonly kept: number;
  readonly exchanges: readonly Numbered[];
  /** What `after` must be for the next page; null if this is the last. */
  readonly next: number | null;
}

/** The latest exchanges of a provider; the oldest make room. */
export interface JournalRing {
  add(exchange: Exchange): void;
  page(query: JournalQuery): JournalPage;
  /** The latest, oldest first. */
  latest(): readonly Numbered[];
  clear(): void;
}

export function createJournalRing(most: number): JournalRing {
  let kept: Numbered[] = [];
  let total = 0;
  return {
    add(exchange) {
      kept.push({ number: ++total, ...exchange });
      // Cut in lumps: one at a time would move the whole list for each.
      if (kept.length > most * 1.25) kept = kept.slice(-most);
    },
    page(query) {
      const found = kept.slice(-most).filter((exchange) => matches(exchange, query));
      const exchanges = found.slice(0, query.limit);
      const more = found.length > exchanges.length;
      return { total, kept: Math.min(most, kept.length), exchanges, next: more ? exchanges.at(-1)!.number : null };
    },
    latest: () => kept.slice(-most),
    clear() {
      kept = [];
    },
  };
}

function matches({ number, sight }: Numbered, query: JournalQuery): boolean {
  return (
    number > (query.after ?? 0) &&
    (query.status === undefined || sight.status === query.status) &&
    (query.endpoint === undefined || sight.endpoint === query.endpoint) &&
    (query.model === undefined || sight.model === query.model) &&
    (query.key === undefined || sight.key === query.key) &&
    (query.deniedBy === undefined || sight.deniedBy === query.deniedBy)
  );
}
