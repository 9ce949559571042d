import { type Body, isObject, parseBody } from '../../mock-server/dialects/body.ts';
import { modelInPath } from './endpoints.ts';
import { known, objectIn, textIn, wholeIn } from './json-value.ts';
import { nameIn } from './secrets.ts';

/** What a request's body tells that may be kept. */
export function requestFacts(
  body: string | undefined,
  target: string | undefined,
): { readonly model?: string; readonly stream?: boolean; readonly maxTokens?: number } {
  const parsed = body === undefined ? undefined : parseBody(body);
  const config = objectIn(parsed?.generationConfig);
  return known({
    model: nameIn(parsed?.model) ?? modelInPath(target),
    stream: /streamGenerateContent/i.test(target ?? '') || (parsed ? parsed.stream === true : undefined),
    maxTokens:
      wholeIn(parsed?.max_completion_tokens) ??
      wholeIn(parsed?.max_output_tokens) ??
      wholeIn(parsed?.max_tokens) ??
      wholeIn(config.maxOutputTokens),
  });
}

interface AnswerFacts {
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly errorType?: string;
  readonly errorCode?: string;
  readonly errorText?: string;
}

/** What an answer's body tells that may be kept: tokens, and what the error is. Streams are read to their last usage. */
export function answerFacts(body: string | undefined): AnswerFacts {
  if (body === undefined) return {};
  const trimmed = body.trimStart();
  if (/^(event|data|id|:)/.test(trimmed)) return streamFacts(trimmed);
  const parsed = parseBody(trimmed.startsWith('[') ? firstOf(trimmed) : trimmed);
  return parsed ? { ...usageOf(parsed), ...errorOf(parsed) } : {};
}

/** Gemini streams a list when no `alt=sse` is asked for; its errors are one too. */
function firstOf(list: string): string {
  try {
    const items: unknown = JSON.parse(list);
    return Array.isArray(items) ? JSON.stringify(items.at(-1)) : '';
  } catch {
    return '';
  }
}

function streamFacts(body: string): AnswerFacts {
  let facts: AnswerFacts = {};
  for (const line of body.split('\n')) {
    // Most frames hold text only: what is not needed is not parsed.
    if (!line.startsWith('data:') || !/usage|error/i.test(line)) continue;
    const frame = parseBody(line.slice(5));
    if (frame) facts = { ...facts, ...usageOf(frame), ...errorOf(frame) };
  }
  return facts;
}

/** OpenAI and Azure `usage`, the Responses API's inside `response`, Anthropic's inside `message`, Gemini's `usageMetadata`. */
function usageOf(body: Body): AnswerFacts {
  const usage = [body.usage, objectIn(body.response).usage, objectIn(body.message).usage, body.usageMetadata].find(
    isObject,
  );
  if (!usage) return {};
  return known({
    promptTokens: wholeIn(usage.prompt_tokens) ?? wholeIn(usage.input_tokens) ?? wholeIn(usage.promptTokenCount),
    completionTokens:
      wholeIn(usage.completion_tokens) ?? wholeIn(usage.output_tokens) ?? wholeIn(usage.candidatesTokenCount),
  });
}

function errorOf(body: Body): AnswerFacts {
  const { error } = body;
  if (typeof error === 'string') return { errorText: error };
  if (!isObject(error)) return {};
  // Gemini's `code` is the status again, and its `status` the code.
  const code = typeof error.code === 'number' ? error.status : error.code;
  const text = textIn(error.message);
  const quota = quotaIn(error.details);
  // The line that tells the metric and its limit comes after one of general advice.
  const line = text?.split('\n').find((one) => one.includes('Quota exceeded')) ?? text;
  const errorText = quota === undefined ? text : [line, quota].filter((part) => part !== undefined).join(' ');
  return known({ errorType: nameIn(error.type), errorCode: nameIn(code), errorText });
}

/** Which quota a QuotaFailure of Gemini names, and its size: its message tells the metric at length, and not the period. */
function quotaIn(details: unknown): string | undefined {
  const violations = (Array.isArray(details) ? details : []).flatMap((one: unknown): unknown[] =>
    isObject(one) && Array.isArray(one.violations) ? one.violations : [],
  );
  const [named] = violations.filter(isObject).filter(({ quotaId }) => typeof quotaId === 'string');
  return named && [named.quotaId, textIn(named.quotaValue)].filter((part) => part !== undefined).join(' ');
}
