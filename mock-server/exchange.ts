import type { Sight } from './reply.ts';

/** One request and what became of its reply, in microseconds on the clock of whoever played it. */
export interface Exchange {
  readonly sight: Sight;
  readonly startUs: number;
  /** When the head was sent; absent if the client went away first. */
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}
