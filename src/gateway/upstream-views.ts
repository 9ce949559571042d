import { OBSERVED_HEADER } from '../../mock-server/provider-view.ts';
import type { ProviderRequest, ProviderView } from '../../mock-server/reply.ts';
import type { UpstreamResult } from './observed-exchange.ts';

/** Matches the provider's views to the open requests in front of the gateway. */
export interface UpstreamViews {
  /** A request has started; its body may follow. */
  opened(id: string): void;
  /** Its body is complete. */
  sent(id: string, body: string): void;
  /** The provider has decided on a request; the gateway may have dropped its number. */
  decided(request: ProviderRequest, view: ProviderView): void;
  /** A request is over. Returns the provider's views of it. */
  closed(id: string): UpstreamResult;
}

interface OpenRequest {
  readonly views: ProviderView[];
  body?: string;
  /** Whether the provider received a request that could be this or another one. */
  isUnclear: boolean;
}

/**
 * Matches by the number in the header. If the gateway drops it, matches the open request with the same body, or the only open
 * request. If several could match, all of them are marked unclear.
 */
export function createUpstreamViews(): UpstreamViews {
  const open = new Map<string, OpenRequest>();

  function findByBody(body: string): OpenRequest[] {
    const all = [...open.values()];
    const same = all.filter((request) => request.body === body);
    const [first] = same.filter(({ views }) => views.length === 0);
    if (first) return [first];
    return same.length === 1 ? same : all;
  }

  return {
    opened(id) {
      open.set(id, { views: [], isUnclear: false });
    },
    sent(id, body) {
      const request = open.get(id);
      if (request) request.body = body;
    },
    decided({ headers, body }, view) {
      const id = headers[OBSERVED_HEADER];
      const numbered = id === undefined ? undefined : open.get(id);
      // A gateway may continue after its client has disconnected; the attempt is already over.
      if (id !== undefined && !numbered) return;
      const matches = numbered ? [numbered] : findByBody(body);
      if (matches.length === 1) matches[0]!.views.push(view);
      else for (const match of matches) match.isUnclear = true;
    },
    closed(id) {
      const { views, isUnclear } = open.get(id) ?? { views: [], isUnclear: false };
      open.delete(id);
      return { views, isUnclear };
    },
  };
}
