import { isBillingError } from './dialects/any-dialect.ts';
import type { Exchange } from './exchange.ts';
import type { ProviderView, ReplyDefect } from './reply.ts';

/**
 * How an attempt ended. `refused`: by a limit that opens again. `spent`: a quota or a bill; waiting does not help. `failed`: the
 * server's fault other than overload. `rejected`: a client error that stays. `broken`: the connection or the stream ended short.
 * `unreadable`: status 2xx, but the body holds an error or cannot be read. `abandoned`: the client closed the connection.
 */
export type EndingKind =
  | 'answered'
  | 'refused'
  | 'spent'
  | 'overloaded'
  | 'failed'
  | 'rejected'
  | 'broken'
  | 'unreadable'
  | 'abandoned'
  | 'open';

/** The ending of one attempt, the same for figures, verdicts, metrics and recordings. */
export interface Ending {
  readonly kind: EndingKind;
  /** The error's code, else its type, from the body or the event, whatever the status. */
  readonly code?: string;
  /** What showed the ending. */
  readonly source: 'status' | 'body' | 'event' | 'socket';
  /** Whether another attempt may succeed. */
  readonly again: 'now' | 'later' | 'never' | 'unknown';
  /** How far a broken or abandoned reply had come. */
  readonly place?: 'before-head' | 'after-head' | 'in-stream';
  /** Characters of the answer that reached the client in readable form; absent if unknown. */
  readonly chars?: number;
}

/** The facts that decide the kind of an ending; attempts counted per second have them too. */
export type EndingFacts = Pick<Exchange, 'outcome'> &
  Pick<ProviderView, 'status' | 'errorType' | 'errorCode' | 'defect' | 'sentChars'>;

/** The facts that decide an ending. */
export type AttemptFacts = EndingFacts &
  Pick<Exchange, 'headersUs'> &
  Pick<ProviderView, 'shouldRetry' | 'deniedBy' | 'admitAfterUs' | 'answerChars'>;

/** What each defect makes of a reply, as a noun phrase. */
export const DEFECT_NOUNS: Readonly<Record<ReplyDefect, string>> = {
  'error-body': 'an error in a 200',
  'error-event': 'an error event',
  'cut-stream': 'a stream that ended short',
  'not-json': 'a reply that is no JSON',
  'content-type': 'a reply with the wrong content type',
};

/** Codes and types of refusals by a limit that opens again, of all dialects (`wire.md` 1.6, 2). */
const REFUSAL_CODES = new Set([
  'rate_limit_exceeded',
  'rate_limit_error',
  'ramp_limit_exceeded',
  'slow_down',
  'RESOURCE_EXHAUSTED',
  'too_many_requests',
]);

const OVERLOAD_CODES = new Set([
  'server_is_overloaded',
  'service_unavailable_error',
  'overloaded_error',
  'engine_overloaded',
  'UNAVAILABLE',
  'ServiceUnavailable',
]);

/** Codes and types of client errors that stay, and their pattern. */
const REJECTION =
  /^(invalid_\w+|\w*authentication_error|permission_\w+|not_found_error|request_too_large|billing_error|content_filter|\w+_policy_violation|context_length_exceeded|INVALID_ARGUMENT|UNAUTHENTICATED|PERMISSION_DENIED|NOT_FOUND|FAILED_PRECONDITION)$/;

/** Returns how an attempt ended. */
export function endingOf(facts: AttemptFacts): Ending {
  const kind = endingKind(facts);
  const code = facts.outcome === 'response' ? (facts.errorCode ?? facts.errorType) : undefined;
  const chars = charsOf(kind, facts);
  const isCut = kind === 'broken' || kind === 'abandoned';
  const place = isCut ? placeOf(facts, chars) : undefined;
  return {
    kind,
    ...(code !== undefined && { code }),
    source: sourceOf(facts),
    again: againOf(kind, facts, place),
    ...(place !== undefined && { place }),
    ...(chars !== undefined && { chars }),
  };
}

/** Returns the kind of an attempt's ending without building the ending. */
export function endingKind(facts: EndingFacts): EndingKind {
  const { outcome, status, errorCode, errorType, defect, sentChars } = facts;
  if (outcome === 'open') return 'open';
  if (outcome === 'aborted') return 'abandoned';
  if (outcome === 'reset') return 'broken';
  if (status < 200 || status >= 300) return kindOfStatus(status, errorCode, errorType);
  switch (defect) {
    case undefined:
      // Journals without defects have `sentChars` only for streams that a fault broke.
      return sentChars === undefined ? 'answered' : 'broken';
    case 'cut-stream':
      return 'broken';
    case 'error-event':
      return kindOfCode(errorCode, errorType) ?? 'failed';
    case 'error-body': {
      const kind = kindOfCode(errorCode, errorType);
      return kind === undefined || kind === 'rejected' || kind === 'failed' ? 'unreadable' : kind;
    }
    default:
      return 'unreadable';
  }
}

/** Returns whether the request received a complete, readable answer. */
export function isAnswered(facts: EndingFacts): boolean {
  return endingKind(facts) === 'answered';
}

/** Returns whether the provider let the request in, whatever became of the reply. */
export function isAdmitted({ outcome, status }: Pick<EndingFacts, 'outcome' | 'status'>): boolean {
  return outcome === 'response' && status >= 200 && status < 300;
}

function kindOfStatus(status: number, errorCode: string | undefined, errorType: string | undefined): EndingKind {
  if (status === 529) return 'overloaded';
  if (status >= 500) {
    const kind = status === 503 ? kindOfCode(errorCode, errorType) : undefined;
    return kind === 'refused' || kind === 'overloaded' ? kind : 'failed';
  }
  if (status === 429) return isBillingError(errorCode) || isBillingError(errorType) ? 'spent' : 'refused';
  if (status === 402) return 'spent';
  if (status === 408 || status === 409 || status === 425 || status < 400) return 'failed';
  return isBillingError(errorCode) || isBillingError(errorType) ? 'spent' : 'rejected';
}

/** The code says more than the type, which may name only a family of errors. */
function kindOfCode(errorCode: string | undefined, errorType: string | undefined): EndingKind | undefined {
  return kindOfName(errorCode) ?? kindOfName(errorType);
}

function kindOfName(name: string | undefined): EndingKind | undefined {
  if (name === undefined) return undefined;
  if (REFUSAL_CODES.has(name)) return 'refused';
  if (OVERLOAD_CODES.has(name)) return 'overloaded';
  if (isBillingError(name)) return 'spent';
  // Some gateways send the status as the code.
  if (/^[45]\d\d$/.test(name)) return kindOfStatus(Number(name), undefined, undefined);
  return REJECTION.test(name) ? 'rejected' : undefined;
}

function charsOf(kind: EndingKind, { sentChars, answerChars, headersUs }: AttemptFacts): number | undefined {
  if (kind === 'answered') return answerChars;
  if (sentChars !== undefined) return sentChars;
  // A reply that broke or was abandoned after its head may have carried text.
  return (kind === 'broken' || kind === 'abandoned' || kind === 'open') && headersUs !== undefined ? undefined : 0;
}

function placeOf({ headersUs, outcome }: AttemptFacts, chars: number | undefined): NonNullable<Ending['place']> {
  // A stream that ended short has a head, even if a recording does not say when it came.
  if (headersUs === undefined && outcome !== 'response') return 'before-head';
  return chars === undefined || chars > 0 ? 'in-stream' : 'after-head';
}

function sourceOf({ outcome, defect, sentChars, status }: AttemptFacts): Ending['source'] {
  if (outcome !== 'response') return 'socket';
  if (defect === 'error-event') return 'event';
  const isShort = defect === undefined && sentChars !== undefined && status < 300;
  return defect !== undefined || isShort ? 'body' : 'status';
}

function againOf(kind: EndingKind, facts: AttemptFacts, place: Ending['place']): Ending['again'] {
  const { outcome, status, shouldRetry, deniedBy, admitAfterUs, defect } = facts;
  if (kind === 'answered' || kind === 'spent') return 'never';
  if (outcome === 'response' && shouldRetry !== undefined && status >= 400) return shouldRetry ? 'later' : 'never';
  switch (kind) {
    case 'rejected':
      return 'never';
    case 'refused':
      // A request larger than its limit.
      return deniedBy !== undefined && admitAfterUs === undefined ? 'never' : 'later';
    case 'overloaded':
      return 'later';
    case 'failed':
      return isTransient(status) ? 'later' : 'unknown';
    case 'broken':
      return place === 'in-stream' ? 'unknown' : 'now';
    case 'unreadable':
      return defect === 'error-body' ? 'later' : 'now';
    default:
      return 'unknown';
  }
}

/** Statuses of failures that pass (`backoff.md` 3.24); a failure told in a body or an event, after a status of 2xx, does as well. */
function isTransient(status: number): boolean {
  const stays = status === 501 || status === 505;
  return status === 408 || status === 425 || (status >= 500 && !stays) || (status >= 200 && status < 300);
}
