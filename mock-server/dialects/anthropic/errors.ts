import type { RuleError } from '../../completion/rules.ts';
import type { ResponseDraft } from '../dialect.ts';

/** Error types by HTTP status (`wire.md` 2.2). */
const TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [408, 'timeout_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

/** Messages by status; of 401, 413, 500 and 529 captured from the real API. */
const MESSAGES: ReadonlyMap<number, string> = new Map([
  [401, 'invalid x-api-key'],
  [402, "There's an issue with your billing or payment information."],
  [403, 'Your API key does not have permission to use the specified resource.'],
  [405, 'Method Not Allowed'],
  [408, 'The request timed out.'],
  [409, 'The resource was changed by another request.'],
  [413, 'Request exceeds the maximum size'],
  [429, 'This request would exceed your rate limit.'],
  [503, 'The service is temporarily unavailable.'],
  [504, 'The request timed out.'],
  [529, 'Overloaded'],
]);

export function errorTypeOf(status: number): string {
  return TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** Builds an error response: `{"type":"error","error":{…},"request_id":…}`; `code` goes into `error.details`. */
export function errorResponse(status: number, message: string, requestId: string, code?: string): ResponseDraft {
  const type = errorTypeOf(status);
  const body = {
    type: 'error',
    error: { type, message, ...(code !== undefined && { details: { error_code: code } }) },
    request_id: requestId,
  };
  return {
    status,
    headers: { 'content-type': 'application/json' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, text: JSON.stringify(body) }],
    errorType: type,
    ...(code !== undefined && { errorCode: code }),
  };
}

/** Builds the error of a status of 4xx or 5xx. Overload (529) sends `x-should-retry` but no wait. */
export function statusError(status: number, model: string, requestId: string): ResponseDraft {
  const content = errorResponse(status, messageOf(status, model), requestId);
  return status === 529 ? { ...content, headers: { ...content.headers, 'x-should-retry': 'true' } } : content;
}

function messageOf(status: number, model: string): string {
  if (status === 404) return `model: ${model}`;
  return MESSAGES.get(status) ?? (status < 500 ? 'The request is not valid.' : 'Internal server error');
}

/** Builds the error that a scenario rule specifies. */
export function ruleError({ status, message, code, retryAfter }: RuleError, requestId: string): ResponseDraft {
  const content = errorResponse(status, message, requestId, code);
  if (retryAfter === undefined) return content;
  return { ...content, headers: { ...content.headers, 'retry-after': String(retryAfter) } };
}

/** Formats an error event inside a stream. */
export function lateError(code: string, requestId: string): string {
  const error =
    code === 'rate_limit_exceeded'
      ? { type: 'rate_limit_error', message: 'This request would exceed your rate limit.' }
      : { type: 'overloaded_error', message: 'Overloaded' };
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error, request_id: requestId })}\n\n`;
}
