import { type Body, isObject, parseBody } from '../../mock-server/dialects/body.ts';
import { modelInPath } from './endpoints.ts';
import { asInteger, asObject, asText, omitUndefined } from './json-value.ts';
import { asSafeName } from './secrets.ts';

/** Returns the values of a request body that are safe to keep. */
export function requestFacts(
  body: string | undefined,
  target: string | undefined,
): { readonly model?: string; readonly stream?: boolean; readonly maxTokens?: number } {
  const parsed = body === undefined ? undefined : parseBody(body);
  const config = asObject(parsed?.generationConfig);
  return omitUndefined({
    model: asSafeName(parsed?.model) ?? modelInPath(target),
    stream: /streamGenerateContent/i.test(target ?? '') || (parsed ? parsed.stream === true : undefined),
    maxTokens:
      asInteger(parsed?.max_completion_tokens) ??
      asInteger(parsed?.max_output_tokens) ??
      asInteger(parsed?.max_tokens) ??
      asInteger(config.maxOutputTokens),
  });
}

interface ReplyFacts {
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly errorType?: string;
  readonly errorCode?: string;
  readonly errorText?: string;
}

/** Returns the values of a reply body that are safe to keep: tokens and the error. In a stream the last usage counts. */
export function replyFacts(body: string | undefined): ReplyFacts {
  if (body === undefined) return {};
  const trimmed = body.trimStart();
  if (/^(event|data|id|:)/.test(trimmed)) return streamFacts(trimmed);
  const parsed = parseBody(trimmed.startsWith('[') ? lastListItem(trimmed) : trimmed);
  return parsed ? { ...usageOf(parsed), ...errorOf(parsed) } : {};
}

/** Without `alt=sse`, Gemini streams a list, and its errors are lists too. */
function lastListItem(list: string): string {
  try {
    const items: unknown = JSON.parse(list);
    return Array.isArray(items) ? JSON.stringify(items.at(-1)) : '';
  } catch {
    return '';
  }
}

function streamFacts(body: string): ReplyFacts {
  let facts: ReplyFacts = {};
  for (const line of body.split('\n')) {
    // Most frames have only text: parse those that may have usage or an error.
    if (!line.startsWith('data:') || !/usage|error/i.test(line)) continue;
    const frame = parseBody(line.slice(5));
    if (frame) facts = { ...facts, ...usageOf(frame), ...errorOf(frame) };
  }
  return facts;
}

/** `usage` of OpenAI and Azure, `response.usage` of the Responses API, `message.usage` of Anthropic, Gemini's `usageMetadata`. */
function usageOf(body: Body): ReplyFacts {
  const usage = [body.usage, asObject(body.response).usage, asObject(body.message).usage, body.usageMetadata].find(
    isObject,
  );
  if (!usage) return {};
  return omitUndefined({
    promptTokens: asInteger(usage.prompt_tokens) ?? asInteger(usage.input_tokens) ?? asInteger(usage.promptTokenCount),
    completionTokens:
      asInteger(usage.completion_tokens) ?? asInteger(usage.output_tokens) ?? asInteger(usage.candidatesTokenCount),
  });
}

function errorOf(body: Body): ReplyFacts {
  const { error } = body;
  if (typeof error === 'string') return { errorText: error };
  if (!isObject(error)) return {};
  // In Gemini's errors `code` is the HTTP status, and `status` is the code.
  const code = typeof error.code === 'number' ? error.status : error.code;
  const text = asText(error.message);
  const quota = quotaViolationText(error.details);
  // The line with the metric and its limit follows a line of general advice.
  const line = text?.split('\n').find((candidate) => candidate.includes('Quota exceeded')) ?? text;
  const errorText = quota === undefined ? text : [line, quota].filter((part) => part !== undefined).join(' ');
  return omitUndefined({ errorType: asSafeName(error.type), errorCode: asSafeName(code), errorText });
}

/** Returns the id and size of the quota in Gemini's QuotaFailure: the message names the metric but not the period. */
function quotaViolationText(details: unknown): string | undefined {
  const violations = (Array.isArray(details) ? details : []).flatMap((detail: unknown): unknown[] =>
    isObject(detail) && Array.isArray(detail.violations) ? detail.violations : [],
  );
  const [named] = violations.filter(isObject).filter(({ quotaId }) => typeof quotaId === 'string');
  return named && [named.quotaId, asText(named.quotaValue)].filter((part) => part !== undefined).join(' ');
}
