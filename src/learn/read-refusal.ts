import { isBillingError, readRefusalMessage } from '../../mock-server/dialects/any-dialect.ts';
import { parseRetryAfter, type Range, roundedUpRange } from '../../mock-server/dialects/stated-wait.ts';
import type { Observation } from '../recorded/observation.ts';
import type { RefusalDetails } from './limit-reading.ts';
import { keyAndModel } from './read-headers.ts';

/** Reads the message and Retry-After of a 429; returns undefined for other replies. */
export function readRefusal(reply: Observation, index: number): RefusalDetails | undefined {
  if (reply.status !== 429) return undefined;
  const { atUs, errorText = '', errorCode = '', errorType = '' } = reply;
  const parsed = readRefusalMessage(errorText) ?? {};
  const waitUs = parsed.waitUs ?? parseRetryAfter(reply.headers, atUs) ?? fromBody(reply);
  const unit = parsed.unit ?? (errorType === 'requests' || errorType === 'tokens' ? errorType : undefined);
  return {
    index,
    atUs,
    ...keyAndModel(reply),
    ...parsed,
    ...(unit && { unit }),
    ...(waitUs && { waitUs }),
    ...((isBillingError(errorCode) || isBillingError(errorType)) && { permanent: 'billing' }),
  };
}

/** RetryInfo is rounded up to seconds. */
function fromBody({ requestedWaitUs, waitSource }: Observation): Range | undefined {
  return requestedWaitUs === undefined || waitSource === 'message' ? undefined : roundedUpRange(requestedWaitUs, 1e6);
}
