import type { ProviderView } from '../../mock-server/reply.ts';
import { textHash } from '../../mock-server/text-hash.ts';
import type { Via } from '../journal/record.ts';
import { known } from '../recorded/json-value.ts';
import { seenIn, sightOf } from '../recorded/seen.ts';

/** One request as it was seen in front of a gateway, on its way there and back. Header names are lower case. */
export interface Observed {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  /** The call that it was tagged with, by header or by path. */
  readonly callTag?: string;
  /** 0 where no head came. */
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  /** Absent where it is encoded, or was too long to keep. */
  readonly responseBody?: string;
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** What the provider saw of it: nothing where the gateway answered by itself, several times where it tried again. */
export interface Upstream {
  readonly sights: readonly ProviderView[];
  /** Whether it may be that the provider saw it without its number. */
  readonly isUnclear: boolean;
}

/**
 * What an attempt's record tells of a request that went through a gateway. What was sent and what came back is as the client
 * saw it; limits, tokens and faults are as the provider saw them last, if the answer is the provider's: a status that is
 * another than the provider's last is the gateway's own.
 */
export function sightThrough(
  observed: Observed,
  { sights, isUnclear }: Upstream,
  hash: (text: string) => string,
): { readonly sight: ProviderView; readonly via: Via } {
  const own = ownSight(observed, hash);
  const last = sights.at(-1);
  const again = sights.length > 1 && { upstream: sights.length };
  if (!last) return { sight: own, via: { answeredBy: isUnclear ? 'unclear' : 'gateway' } };
  if (observed.status !== 0 && observed.status !== last.status) {
    const { limits, fault } = last;
    return {
      sight: { ...own, limits, ...(fault !== undefined && { fault }) },
      via: { answeredBy: 'gateway', ...again },
    };
  }
  return { sight: passedOn(own, last, observed.status === 0), via: { ...again } };
}

/** The provider's sight, with the request as the client sent it and what the client was told to wait. */
function passedOn(own: ProviderView, last: ProviderView, hasNoHead: boolean): ProviderView {
  const { retryAfterRaw, retryAfterUs, callTag, ...rest } = last;
  const { key, model, bodyHash, bodyBytes, userAgent, idempotencyKey, retryCount } = own;
  const isUntouched = hasNoHead || own.retryAfterRaw === retryAfterRaw;
  const told = isUntouched ? { retryAfterRaw, retryAfterUs } : own;
  return {
    ...rest,
    ...known({ key, model, userAgent, idempotencyKey, retryCount, callTag: own.callTag }),
    ...known({ retryAfterRaw: told.retryAfterRaw, retryAfterUs: told.retryAfterUs }),
    bodyHash,
    bodyBytes,
  };
}

/** What can be seen from outside. */
function ownSight(observed: Observed, hash: (text: string) => string): ProviderView {
  const { id, method, target, requestBody, callTag, outcome, ...rest } = observed;
  const seen = seenIn(
    {
      place: id,
      resolutionUs: 1,
      method,
      target,
      requestBody,
      // A run that ends has not broken it.
      outcome: outcome === 'open' ? 'aborted' : outcome,
      ...rest,
    },
    hash,
  );
  return {
    ...sightOf(seen),
    bodyHash: textHash(`${method} ${target}\n${requestBody}`),
    ...(callTag !== undefined && { callTag }),
  };
}
