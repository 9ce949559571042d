import type { RuleError } from '../../completion/rules.ts';
import type { ResponseDraft } from '../dialect.ts';

/** The provider's error object; all four keys are always present (`wire.md` 1.2). */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

export function errorResponse(status: number, error: ErrorBody): ResponseDraft {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    headAfterUs: 0,
    frames: [{ afterUs: 0, text: JSON.stringify({ error }, null, 2) + '\n' }],
    errorType: error.type,
    ...(error.code === null ? {} : { errorCode: error.code }),
  };
}

/** Builds an `invalid_request_error`, the type of all client errors. */
export function invalidRequest(
  status: number,
  message: string,
  param: string | null,
  code: string | null,
): ResponseDraft {
  return errorResponse(status, { message, type: 'invalid_request_error', param, code });
}

export const missingKey = (): ResponseDraft =>
  invalidRequest(
    401,
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
      "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API " +
      'from your browser and are prompted for a username and password. You can obtain an API key from ' +
      'https://platform.openai.com/account/api-keys.',
    null,
    null,
  );

export const invalidKey = (key: string): ResponseDraft =>
  invalidRequest(
    401,
    `Incorrect API key provided: ${maskKey(key)}. You can find your API key at ` +
      'https://platform.openai.com/account/api-keys.',
    null,
    'invalid_api_key',
  );

/** Masks all but the first 8 and last 4 characters; shorter keys are not masked (`wire.md` 1.2). */
function maskKey(key: string): string {
  return key.length <= 12 ? key : key.slice(0, 8) + '*'.repeat(key.length - 12) + key.slice(-4);
}

export const invalidJson = (): ResponseDraft =>
  invalidRequest(
    400,
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library " +
      'correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble ' +
      'figuring out how to fix this, please contact us through our help center at help.openai.com.)',
    null,
    null,
  );

export const missingModel = (): ResponseDraft => invalidRequest(400, 'you must provide a model parameter', null, null);

export const unknownModel = (model: string): ResponseDraft =>
  invalidRequest(
    404,
    `The model \`${model}\` does not exist or you do not have access to it.`,
    null,
    'model_not_found',
  );

export const unknownUrl = (method: string, path: string): ResponseDraft =>
  invalidRequest(404, `Invalid URL (${method} ${path})`, null, null);

/** The text is not confirmed by a capture (`wire.md` 1.1). */
export const methodNotAllowed = (allowed: string): ResponseDraft =>
  invalidRequest(405, `Only ${allowed} requests are accepted.`, null, 'method_not_supported');

/** The input exceeds the context window (`wire.md` 1.2; the text is widely reported but not confirmed). */
export const contextExceeded = (context: number, tokens: number, param: string): ResponseDraft =>
  invalidRequest(
    400,
    `This model's maximum context length is ${context} tokens. However, your messages resulted in ${tokens} tokens. ` +
      'Please reduce the length of the messages.',
    param,
    'context_length_exceeded',
  );

/** The model does not support the chat endpoint. */
export const notAChatModel = (path: string): ResponseDraft =>
  invalidRequest(
    404,
    `This is not a chat model and thus not supported in the ${path} endpoint. Did you mean to use v1/completions?`,
    'model',
    null,
  );

/** Builds the error that a scenario rule specifies. */
export function ruleError({ status, message, type, code, retryAfter }: RuleError): ResponseDraft {
  const content = errorResponse(status, { message, type: type ?? 'server_error', param: null, code: code ?? null });
  if (retryAfter === undefined) return content;
  return { ...content, headers: { ...content.headers, 'retry-after': String(retryAfter) } };
}

/** The error of an overloaded provider (`wire.md` 1.6). */
export const OVERLOADED: ErrorBody = {
  message: 'Our servers are currently overloaded. Please try again later.',
  type: 'service_unavailable_error',
  param: null,
  code: 'server_is_overloaded',
};

/** A refusal that no limit explains: its message names no limit and no wait. */
export const rateLimitReached = (): ResponseDraft => errorResponse(429, lateErrorBody('rate_limit_exceeded'));

/** Returns the error object of a code, for errors inside a stream (`wire.md` 1.4). */
export function lateErrorBody(code: string): ErrorBody {
  if (code === OVERLOADED.code) return OVERLOADED;
  const message = 'Rate limit reached. Please try again later.';
  return { message, type: 'requests', param: null, code };
}
