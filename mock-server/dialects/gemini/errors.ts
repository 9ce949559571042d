import type { RuleError } from '../../completion/rules.ts';
import type { Content } from '../dialect.ts';

/** Names of google.rpc.Code by the HTTP status they are sent with. */
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

const TROUBLES: ReadonlyMap<number, string> = new Map([
  [503, 'The model is overloaded. Please try again later.'],
  [504, 'The request timed out. Please try again.'],
]);

/** A google.rpc.Status as JSON (`wire.md` 2.3). */
export function errorContent(code: number, message: string, details: readonly object[] = []): Content {
  const status = STATUSES.get(code) ?? (code < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  const error = { code, message, status, ...(details.length > 0 && { details }) };
  return {
    status: code,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, bytes: JSON.stringify({ error }, null, 2) + '\n' }],
    errorType: status,
  };
}

export const noKey = (): Content =>
  errorContent(
    403,
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of " +
      'API consumer identity to call this API.',
  );

export const wrongKey = (): Content =>
  errorContent(400, 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ]);

export const noModel = (model: string, version: string, method: string): Content =>
  errorContent(
    404,
    `models/${model} is not found for API version ${version}, or is not supported for ${method}. Call ListModels to see ` +
      'the list of available models and their supported methods.',
  );

export function serverFault(status: number): Content {
  const message =
    TROUBLES.get(status) ??
    'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting';
  return errorContent(status, message);
}

/** An error that a rule of the scenario answers with. */
export function ruleError({ status, message }: RuleError): Content {
  return errorContent(status, message);
}
