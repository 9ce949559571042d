import type { Content } from '../dialect.ts';

/** The provider's error object; all four keys are always there (`wire.md` 1.2). */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

export function errorContent(status: number, error: ErrorBody): Content {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, bytes: JSON.stringify({ error }, null, 2) + '\n' }],
    errorType: error.type,
    ...(error.code === null ? {} : { errorCode: error.code }),
  };
}

/** An `invalid_request_error`, the type of everything that is the caller's own mistake. */
export function invalidRequest(status: number, message: string, param: string | null, code: string | null): Content {
  return errorContent(status, { message, type: 'invalid_request_error', param, code });
}

export const noKey = (): Content =>
  invalidRequest(
    401,
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
      "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API " +
      'from your browser and are prompted for a username and password. You can obtain an API key from ' +
      'https://platform.openai.com/account/api-keys.',
    null,
    null,
  );

export const wrongKey = (key: string): Content =>
  invalidRequest(
    401,
    `Incorrect API key provided: ${maskKey(key)}. You can find your API key at ` +
      'https://platform.openai.com/account/api-keys.',
    null,
    'invalid_api_key',
  );

/** First 8, a star for each in the middle, last 4; keys too short for that are shown as sent (`wire.md` 1.2). */
function maskKey(key: string): string {
  return key.length <= 12 ? key : key.slice(0, 8) + '*'.repeat(key.length - 12) + key.slice(-4);
}

export const notJson = (): Content =>
  invalidRequest(
    400,
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library " +
      'correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble ' +
      'figuring out how to fix this, please contact us through our help center at help.openai.com.)',
    null,
    null,
  );

export const noModel = (): Content => invalidRequest(400, 'you must provide a model parameter', null, null);

export const unknownModel = (model: string): Content =>
  invalidRequest(
    404,
    `The model \`${model}\` does not exist or you do not have access to it.`,
    null,
    'model_not_found',
  );

export const unknownUrl = (method: string, path: string): Content =>
  invalidRequest(404, `Invalid URL (${method} ${path})`, null, null);

/** The text is not confirmed by a capture (`wire.md` 1.1). */
export const wrongMethod = (allowed: string): Content =>
  invalidRequest(405, `Only ${allowed} requests are accepted.`, null, 'method_not_supported');

/** Faults of the provider's own (`wire.md` 1.6): 503 is overload, everything else an error that nobody explains. */
export function serverFault(status: number): Content {
  if (status === 503) {
    const message = 'Our servers are currently overloaded. Please try again later.';
    return errorContent(503, { message, type: 'service_unavailable_error', param: null, code: 'server_is_overloaded' });
  }
  const message = 'The server had an error while processing your request. Sorry about that!';
  return errorContent(status, { message, type: 'server_error', param: null, code: null });
}
