import type { Subject } from '../../admission/limit.ts';
import type { ResponseDraft } from '../dialect.ts';
import { statusError as openaiStatusError } from '../openai/status-errors.ts';

const UNAVAILABLE = 'The service is temporarily unable to process your request. Please try again later.';

/** Builds an error of Azure's gateway: a string `code` and a `message`. */
export function azureError(status: number, code: string, message: string): ResponseDraft {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, text: JSON.stringify({ error: { code, message } }) }],
    errorCode: code,
  };
}

export const notFound = (): ResponseDraft => azureError(404, '404', 'Resource not found');

export const accessDenied = (): ResponseDraft =>
  azureError(
    401,
    '401',
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active ' +
      'subscription and use a correct regional API endpoint for your resource.',
  );

export const unknownDeployment = (): ResponseDraft =>
  azureError(
    404,
    'DeploymentNotFound',
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please ' +
      'wait a moment and try again.',
  );

/** Codes and messages by status; of 408, 403 and 404 captured from the real API. */
const BY_STATUS: ReadonlyMap<number, readonly [code: string, message: string]> = new Map([
  [403, ['403', 'Public access is disabled. Please configure private endpoint.']],
  [405, ['405', 'Method not allowed']],
  [408, ['Timeout', 'The operation was timeout.']],
  [409, ['Conflict', 'The resource was changed by another request. Please try again.']],
  [413, ['RequestEntityTooLarge', 'The request body is too large.']],
  [429, ['429', 'Rate limit is exceeded. Try again in 60 seconds.']],
  [502, ['BadGateway', 'The gateway received an invalid response from the service.']],
  [503, ['ServiceUnavailable', UNAVAILABLE]],
  [504, ['GatewayTimeout', 'The gateway did not receive a response from the service in time.']],
  [529, ['ServiceUnavailable', UNAVAILABLE]],
]);

/** Builds the error of a status of 4xx or 5xx: of the gateway where it has a code, else of the model behind it, as OpenAI words it. */
export function statusError(status: number, subject: Pick<Subject, 'key' | 'model'>): ResponseDraft {
  if (status === 401) return accessDenied();
  if (status === 404) return unknownDeployment();
  const known = BY_STATUS.get(status);
  if (known) return azureError(status, ...known);
  if (status < 500) return openaiStatusError(status, subject);
  const message = 'The server had an error processing your request. Sorry about that! You can retry your request.';
  return azureError(status, 'InternalServerError', message);
}
