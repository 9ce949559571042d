import type { RuleError } from '../../completion/rules.ts';
import type { ResponseDraft } from '../dialect.ts';

/** `google.rpc.Code` names by HTTP status. */
const STATUSES: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

const SERVER_MESSAGES: ReadonlyMap<number, string> = new Map([
  [503, 'The model is overloaded. Please try again later.'],
  [504, 'The request timed out. Please try again.'],
]);

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

export function serverError(status: number): ResponseDraft {
  const message =
    SERVER_MESSAGES.get(status) ??
    'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting';
  return errorResponse(status, message);
}

/** Builds the error that a scenario rule specifies. */
export function ruleError({ status, message }: RuleError): ResponseDraft {
  return errorResponse(status, message);
}
