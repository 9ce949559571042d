import { type BodyFacts, countAnswerChars, inspectBody } from '../../mock-server/dialects/inspect-body.ts';
import { textHash } from '../../mock-server/hash.ts';
import { omitUndefined } from '../../mock-server/json-value.ts';
import type { ProviderView } from '../../mock-server/reply.ts';
import { utf8Length } from '../../mock-server/utf8-length.ts';
import type { Via } from '../journal/call-records.ts';
import { readAttempt, toProviderView } from '../recorded/recorded-attempt.ts';

/** A request and its reply as observed in front of a gateway. Header names are lower case. */
export interface ObservedExchange {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  /** Call tag from the header or the path. */
  readonly callTag?: string;
  /** 0 without a reply. */
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  /** Absent if it is encoded or too long to keep. */
  readonly responseBody?: string;
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
}

/** The provider's views of a request: none if the gateway replied by itself, several if it retried. */
export interface UpstreamResult {
  readonly views: readonly ProviderView[];
  /** Whether the provider may have received it without its number. */
  readonly isUnclear: boolean;
}

/**
 * Returns `response` for a streamed reply that was whole when the connection closed, else the outcome: a client may leave, or
 * the run end, at the last event, before the gateway closes the stream.
 */
export function settleOutcome(
  outcome: ObservedExchange['outcome'],
  status: number,
  contentType: string | undefined,
  responseBody: string | undefined,
): ObservedExchange['outcome'] {
  if (outcome !== 'aborted' && outcome !== 'open') return outcome;
  if (status < 200 || status >= 300 || !responseBody || !/event-stream/i.test(contentType ?? '')) return outcome;
  const { defect } = inspectBody({ text: responseBody, contentType, isWhole: true });
  return defect === undefined ? 'response' : outcome;
}

/**
 * Combines the client's and the provider's view of a request through a gateway. Request and reply are the client's view;
 * limits, tokens and faults are from the provider's last view. A status that differs from the provider's last one is the
 * gateway's own reply.
 */
export function viewThroughGateway(
  observed: ObservedExchange,
  { views, isUnclear }: UpstreamResult,
  hash: (text: string) => string,
): { readonly view: ProviderView; readonly via: Via } {
  const clientView = clientSideView(observed, hash);
  const last = views.at(-1);
  const again = views.length > 1 && { upstream: views.length };
  if (!last) return { view: clientView, via: { answeredBy: isUnclear ? 'unclear' : 'gateway' } };
  if (observed.status !== 0 && observed.status !== last.status) {
    const { limits, fault } = last;
    return {
      view: { ...clientView, limits, ...(fault !== undefined && { fault }) },
      via: { answeredBy: 'gateway', ...again },
    };
  }
  const merged = mergeViews(clientView, last, observed.status === 0);
  return { view: { ...merged, ...bodyFacts(observed, clientView, last) }, via: { ...again } };
}

/** The provider's view with the client's request and the requested wait as received by the client. */
function mergeViews(clientView: ProviderView, last: ProviderView, hasNoReply: boolean): ProviderView {
  const { retryAfterRaw, retryAfterUs, retryAfterSource, resetRaw, resetUs, messageWaitUs, callTag, ...more } = last;
  const { errorType, errorCode, defect, sentChars, ...rest } = more;
  const { key, model, bodyHash, bodyBytes, userAgent, idempotencyKey, job, retryCount } = clientView;
  const isUntouched = hasNoReply || clientView.retryAfterRaw === retryAfterRaw;
  const requested = isUntouched ? last : clientView;
  return {
    ...rest,
    ...omitUndefined({ key, model, userAgent, idempotencyKey, job, retryCount, callTag: clientView.callTag }),
    ...omitUndefined(hintOf(requested)),
    bodyHash,
    bodyBytes,
  };
}

/**
 * What the body of the reply shows, as the client received it: a gateway may complete a stream that the provider broke, or
 * put an error into a 200. Without the body, or with an error status, what the provider sent.
 */
function bodyFacts(
  { status, outcome, responseBody }: ObservedExchange,
  seen: ProviderView,
  sent: ProviderView,
): BodyFacts {
  const isKept = status >= 200 && status < 300 && responseBody !== undefined;
  const { errorType, errorCode, defect, sentChars } = isKept ? seen : sent;
  const isDamaged = sent.defect !== undefined || sent.sentChars !== undefined;
  if (isKept && outcome === 'response' && defect === undefined && isDamaged) {
    const received = countAnswerChars(responseBody);
    // It looks whole to the client, and is not.
    if (received < (sent.answerChars ?? 0)) return { defect: 'cut-stream', sentChars: received };
  }
  return omitUndefined({ errorType, errorCode, defect, sentChars });
}

const hintOf = ({ retryAfterRaw, retryAfterUs, retryAfterSource, resetRaw, resetUs, messageWaitUs }: ProviderView) => ({
  retryAfterRaw,
  retryAfterUs,
  retryAfterSource,
  resetRaw,
  resetUs,
  messageWaitUs,
});

/** The view of a request from the client's side. */
function clientSideView(observed: ObservedExchange, hash: (text: string) => string): ProviderView {
  const { id, method, target, requestBody, callTag, outcome, ...rest } = observed;
  const attempt = readAttempt(
    {
      place: id,
      resolutionUs: 1,
      method,
      target,
      requestBody,
      // Cut by the end of the run, not reset.
      outcome: outcome === 'open' ? 'aborted' : outcome,
      ...(observed.responseBody !== undefined && { responseBytes: utf8Length(observed.responseBody) }),
      ...rest,
    },
    hash,
  );
  return {
    ...toProviderView(attempt),
    bodyHash: textHash(`${method} ${target}\n${requestBody}`),
    ...(callTag !== undefined && { callTag }),
  };
}
