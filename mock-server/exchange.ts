import type { ProviderView, Reply } from './reply.ts';

/** One request and how its reply ended. Times are in microseconds on the clock of the server that sent the reply. */
export interface Exchange {
  readonly view: ProviderView;
  /** See `Reply.promptHash`. */
  readonly promptHash?: string;
  readonly startUs: number;
  /** When the head was sent; absent if the client disconnected first. */
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** Creates the exchange of a reply that was sent. */
export function createExchange(
  { view, promptHash }: Pick<Reply, 'view' | 'promptHash'>,
  {
    headersUs,
    ...played
  }: Pick<Exchange, 'startUs' | 'endUs' | 'outcome'> & { readonly headersUs: number | undefined },
): Exchange {
  return {
    view,
    ...(promptHash !== undefined && { promptHash }),
    ...(headersUs !== undefined && { headersUs }),
    ...played,
  };
}
