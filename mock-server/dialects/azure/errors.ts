import type { ResponseDraft } from '../dialect.ts';

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

/** Builds a server error. The texts are not confirmed by a capture. */
export function serverError(status: number): ResponseDraft {
  const message =
    status === 503
      ? 'The service is temporarily unable to process your request. Please try again later.'
      : 'The server had an error processing your request. Sorry about that! You can retry your request.';
  return azureError(status, status === 503 ? 'ServiceUnavailable' : 'InternalServerError', message);
}
