import { asInteger, asObject, asText, omitUndefined } from '../../json-value.ts';
import { type Body, isObject, partsText } from '../body.ts';
import { readTriples } from '../limit-triples.ts';
import { PERIOD_WORDS, UNIT_WORDS } from '../limit-words.ts';
import type { DialectReader, ReplyFacts, StatedRefusal } from '../reader.ts';
import { readRequestFacts } from '../request-facts.ts';

/** Default `max_tokens`, which the API requires. */
const DEFAULT_MAX_TOKENS = 1024;

/** Tokens left are rounded to thousands. */
const TRIPLES = (['requests', 'tokens', 'input-tokens', 'output-tokens'] as const).map((unit) => ({
  unit,
  limit: `anthropic-ratelimit-${unit}-limit`,
  remaining: `anthropic-ratelimit-${unit}-remaining`,
  reset: `anthropic-ratelimit-${unit}-reset`,
  rounding: unit === 'requests' ? 0 : 500,
}));

/** Reads the replies of Anthropic's Messages API. */
export const anthropicReader: DialectReader = {
  promptFormat: {
    baseVariable: 'ANTHROPIC_BASE_URL',
    keyVariable: 'ANTHROPIC_API_KEY',
    path: () => '/v1/messages',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    body: ({ model, prompt, maxTokens = DEFAULT_MAX_TOKENS, stream }) => ({
      model,
      max_tokens: maxTokens,
      messages: [{ role: 'user', content: prompt }],
      ...(stream && { stream }),
    }),
  },
  hosts: /(^|\.)api\.anthropic\.com$/,
  keyHeaders: ['authorization', 'x-api-key'],
  endpoints: [
    [/\/v1\/messages\/count_tokens$/, 'messages.count_tokens'],
    [/\/v1\/messages$/, 'messages'],
  ],
  keptHeaders: /^anthropic-ratelimit(-.+)?$/,
  billingError: /^\w+_spend_limit_reached$/,
  readLimits: (headers, atUs) => readTriples(TRIPLES, headers, atUs),
  readRefusal,
  readRequest: (body) => readRequestFacts(body, (given) => asInteger(given.max_tokens)),
  readReply,
  answerText: ({ content, delta }) => partsText(content ?? [delta]),
  isLastEvent: ({ type }) => type === 'message_stop',
  endsAnswer: ({ type, delta }) => type === 'message_stop' || asText(asObject(delta).stop_reason) !== undefined,
};

/** Reads `usage`, or `message.usage` of the event that starts a stream, and `error`. */
function readReply(body: Body): ReplyFacts {
  const usage = isObject(body.usage) ? body.usage : asObject(asObject(body.message).usage);
  const { type, message, details } = asObject(body.error);
  return omitUndefined({
    promptTokens: asInteger(usage.input_tokens),
    completionTokens: asInteger(usage.output_tokens),
    errorType: asText(type),
    errorCode: asText(asObject(details).error_code),
    errorText: asText(message),
  });
}

/** Parses `… the rate limit for your organization (O) of 20,000 input tokens per minute.` */
function readRefusal(message: string): StatedRefusal | undefined {
  const found = /rate limit for your organization.*? of ([\d,]+) ([a-z ]+?)(?: per (\w+))?\./.exec(message);
  if (!found) return undefined;
  const [, amount, words, period] = found;
  return omitUndefined({
    unit: UNIT_WORDS.get(words!),
    limit: Number(amount!.replaceAll(',', '')),
    periodUs: period === undefined ? undefined : PERIOD_WORDS[period],
    owner: 'organization' as const,
  });
}
