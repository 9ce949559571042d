import type { RuleError } from '../../completion/rules.ts';
import type { ResponseDraft } from '../dialect.ts';

/** `google.rpc.Code` names by HTTP status. */
const STATUSES: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'DEADLINE_EXCEEDED'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [501, 'UNIMPLEMENTED'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/** Messages by status, which Google's APIs share; of 409 and 501 in words of our own. */
const MESSAGES: ReadonlyMap<number, string> = new Map([
  [400, 'Request contains an invalid argument.'],
  [
    401,
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication ' +
      'credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  ],
  [403, 'The caller does not have permission'],
  [408, 'The request timed out. Please try again.'],
  [409, 'The operation was aborted by another one.'],
  [429, 'Resource has been exhausted (e.g. check quota).'],
  [501, 'Operation is not implemented, or supported, or enabled.'],
  [503, 'The model is overloaded. Please try again later.'],
  [504, 'The request timed out. Please try again.'],
]);

const INTERNAL =
  'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting';

/** Builds an error response: a `google.rpc.Status` as JSON (`wire.md` 2.3). */
export function errorResponse(code: number, message: string, details: readonly object[] = []): ResponseDraft {
  const status = STATUSES.get(code) ?? (code < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  const error = { code, message, status, ...(details.length > 0 && { details }) };
  return {
    status: code,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, text: JSON.stringify({ error }, null, 2) + '\n' }],
    errorType: status,
  };
}

export const missingKey = (): ResponseDraft =>
  errorResponse(
    403,
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of " +
      'API consumer identity to call this API.',
  );

export const invalidKey = (): ResponseDraft =>
  errorResponse(400, 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ]);

export const unknownModel = (model: string, version: string, method: string): ResponseDraft =>
  errorResponse(
    404,
    `models/${model} is not found for API version ${version}, or is not supported for ${method}. Call ListModels to see ` +
      'the list of available models and their supported methods.',
  );

/** Titles of the HTML pages that Google's front end sends. */
const PAGES: ReadonlyMap<number, string> = new Map([
  [413, 'Error 413 (Request Entity Too Large)!!1'],
  [502, 'Error 502 (Server Error)!!1'],
]);

/** Builds the error of a status of 4xx or 5xx, with a RetryInfo if `details` has one. */
export function statusError(status: number, model: string, details: readonly object[] = []): ResponseDraft {
  const title = PAGES.get(status);
  if (title !== undefined) return htmlPage(status, title);
  if (status === 404) return unknownModel(model, 'v1beta', 'generateContent');
  return errorResponse(status, MESSAGES.get(status) ?? (status < 500 ? MESSAGES.get(400)! : INTERNAL), details);
}

function htmlPage(status: number, title: string): ResponseDraft {
  const text = `<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>${title}</title>\n</html>\n`;
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, text }],
  };
}

/** Builds the error that a scenario rule specifies. */
export function ruleError({ status, message }: RuleError): ResponseDraft {
  return errorResponse(status, message);
}
