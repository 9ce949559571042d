import type { ProviderView, Reply } from './reply.ts';

/** One request and what became of its reply, in microseconds on the clock of whoever played it. */
export interface Exchange {
  readonly sight: ProviderView;
  /** As in its reply. */
  readonly promptHash?: string;
  readonly startUs: number;
  /** When the head was sent; absent if the client went away first. */
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** Whether a request got what it asked for. */
export function isAnswered({ outcome, status }: Pick<Exchange, 'outcome'> & Pick<ProviderView, 'status'>): boolean {
  return outcome === 'response' && status >= 200 && status < 300;
}

/** What an edge tells of a reply that it has played. */
export function exchangeOf(
  { sight, promptHash }: Pick<Reply, 'sight' | 'promptHash'>,
  {
    headersUs,
    ...played
  }: Pick<Exchange, 'startUs' | 'endUs' | 'outcome'> & { readonly headersUs: number | undefined },
): Exchange {
  return {
    sight,
    ...(promptHash !== undefined && { promptHash }),
    ...(headersUs !== undefined && { headersUs }),
    ...played,
  };
}
