import { OBSERVED_HEADER } from '../../mock-server/provider-view.ts';
import type { ProviderRequest, ProviderView } from '../../mock-server/reply.ts';
import type { Upstream } from './observed.ts';

/** Joins what the provider sees to the requests that are under way in front of the gateway. */
export interface UpstreamSights {
  /** A request is on its way; its body may come later. */
  opened(id: string): void;
  /** Its body is whole. */
  sent(id: string, body: string): void;
  /** The provider has decided on a request, which may have lost its number on the way. */
  decided(request: ProviderRequest, sight: ProviderView): void;
  /** A request is over: what the provider saw of it. */
  closed(id: string): Upstream;
}

interface Open {
  readonly sights: ProviderView[];
  body?: string;
  /** Whether the provider got a request meanwhile that could be any of several. */
  isUnclear: boolean;
}

/**
 * The number in the header comes first. A gateway that drops headers of the client's leaves bodies: a request belongs to the
 * one that is under way with the same body, or to the only one that is under way at all. What could be any of several makes
 * all of these unclear.
 */
export function createUpstreamSights(): UpstreamSights {
  const open = new Map<string, Open>();

  function without(body: string): Open[] {
    const all = [...open.values()];
    const same = all.filter((one) => one.body === body);
    const [first] = same.filter(({ sights }) => sights.length === 0);
    if (first) return [first];
    return same.length === 1 ? same : all;
  }

  return {
    opened(id) {
      open.set(id, { sights: [], isUnclear: false });
    },
    sent(id, body) {
      const one = open.get(id);
      if (one) one.body = body;
    },
    decided({ headers, body }, sight) {
      const id = headers[OBSERVED_HEADER];
      const numbered = id === undefined ? undefined : open.get(id);
      // A gateway may go on with what its client has given up; the attempt is over.
      if (id !== undefined && !numbered) return;
      const meant = numbered ? [numbered] : without(body);
      if (meant.length === 1) meant[0]!.sights.push(sight);
      else for (const one of meant) one.isUnclear = true;
    },
    closed(id) {
      const { sights, isUnclear } = open.get(id) ?? { sights: [], isUnclear: false };
      open.delete(id);
      return { sights, isUnclear };
    },
  };
}
