import type { RuleError } from '../../completion/rules.ts';
import type { Content } from '../dialect.ts';

/** The error types of the API and the status that each has (`wire.md` 2.2). */
const TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

const TROUBLES: ReadonlyMap<number, string> = new Map([
  [504, 'The request timed out.'],
  [529, 'Overloaded'],
]);

export function typeOf(status: number): string {
  return TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** `{"type":"error","error":{…},"request_id":…}`; `code` goes into `error.details`. */
export function errorContent(status: number, message: string, requestId: string, code?: string): Content {
  const type = typeOf(status);
  const body = {
    type: 'error',
    error: { type, message, ...(code !== undefined && { details: { error_code: code } }) },
    request_id: requestId,
  };
  return {
    status,
    headers: { 'content-type': 'application/json' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, bytes: JSON.stringify(body) }],
    errorType: type,
    ...(code !== undefined && { errorCode: code }),
  };
}

/** A fault of the provider's own; overload asks for a retry in a header, and gives no time. */
export function serverFault(status: number, requestId: string): Content {
  const content = errorContent(status, TROUBLES.get(status) ?? 'Internal server error', requestId);
  return status === 529 ? { ...content, headers: { ...content.headers, 'x-should-retry': 'true' } } : content;
}

/** An error that a rule of the scenario answers with. */
export function ruleError({ status, message, code, retryAfter }: RuleError, requestId: string): Content {
  const content = errorContent(status, message, requestId, code);
  if (retryAfter === undefined) return content;
  return { ...content, headers: { ...content.headers, 'retry-after': String(retryAfter) } };
}

/** An error inside a stream. */
export function lateError(code: string, requestId: string): string {
  const error =
    code === 'rate_limit_exceeded'
      ? { type: 'rate_limit_error', message: 'This request would exceed your rate limit.' }
      : { type: 'overloaded_error', message: 'Overloaded' };
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error, request_id: requestId })}\n\n`;
}
