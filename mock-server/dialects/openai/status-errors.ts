import type { Subject } from '../../admission/limit.ts';
import type { ResponseDraft } from '../dialect.ts';
import { errorResponse, invalidKey, invalidRequest, OVERLOADED, rateLimitReached, unknownModel } from './errors.ts';

/** Titles of the HTML pages that the provider's gateway sends (`wire.md` 1.6); 521 to 524 are Cloudflare's own. */
const GATEWAY: ReadonlyMap<number, string> = new Map([
  [502, 'Bad gateway'],
  [504, 'Gateway time-out'],
  [520, 'Web server is returning an unknown error'],
  [521, 'Web server is down'],
  [522, 'Connection timed out'],
  [523, 'Origin is unreachable'],
  [524, 'A timeout occurred'],
]);

/** Messages of client errors that have neither a code of their own nor, but for 413, a captured text. */
const REJECTIONS: ReadonlyMap<number, string> = new Map([
  [402, 'Payment is required to process your request.'],
  [405, 'Only POST requests are accepted.'],
  [409, 'The resource was updated by another request. Please try again.'],
  [415, 'Unsupported media type. Use the content type application/json.'],
  [422, 'Unable to process the request, although its format is correct.'],
]);

/**
 * Builds the error that a request of `subject` gets with a status of 4xx or 5xx (`wire.md` 1.2, 1.6). The texts of 401, 403,
 * 404, 413, 500 and 503 were captured from the real API.
 */
export function statusError(status: number, { key, model }: Pick<Subject, 'key' | 'model'>): ResponseDraft {
  const page = GATEWAY.get(status);
  if (page !== undefined) return htmlPage(status, page);
  switch (status) {
    case 401:
      return invalidKey(key);
    case 403:
      return notSupportedHere();
    case 404:
      return unknownModel(model);
    case 408:
      return serverError(408, 'The request timed out.');
    case 413:
      return serverError(413, 'Maximum content size limit (26214400) exceeded (26214401 bytes read)');
    case 429:
      return rateLimitReached();
    case 503:
    case 529:
      return errorResponse(status, OVERLOADED);
  }
  if (status >= 500)
    return serverError(status, 'The server had an error while processing your request. Sorry about that!');
  const message = REJECTIONS.get(status) ?? 'Your request is not valid.';
  return invalidRequest(status, message, null, null);
}

function serverError(status: number, message: string): ResponseDraft {
  return errorResponse(status, { message, type: 'server_error', param: null, code: null });
}

function notSupportedHere(): ResponseDraft {
  const message = 'Country, region, or territory not supported';
  const code = 'unsupported_country_region_territory';
  return errorResponse(403, { message, type: 'request_forbidden', param: null, code });
}

function htmlPage(status: number, title: string): ResponseDraft {
  const text = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { 'content-type': 'text/html' }, headAfterUs: 0, frames: [{ afterUs: 0, text }] };
}
