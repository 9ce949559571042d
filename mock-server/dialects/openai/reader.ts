import { asInteger, asObject, asObjects, asText, omitUndefined } from '../../json-value.ts';
import { type Body, isObject, partsText } from '../body.ts';
import { readTriples } from '../limit-triples.ts';
import { PERIOD_WORDS, UNIT_WORDS } from '../limit-words.ts';
import type { DialectReader, ReplyFacts, StatedRefusal } from '../reader.ts';
import { readRequestFacts } from '../request-facts.ts';
import { parseWait } from '../stated-wait.ts';

const TRIPLES = (['requests', 'tokens', 'input-tokens', 'output-tokens', 'images', 'project-tokens'] as const).map(
  (name) => ({
    ...(name === 'project-tokens' ? { unit: 'tokens' as const, label: 'project' } : { unit: name }),
    limit: `x-ratelimit-limit-${name}`,
    remaining: `x-ratelimit-remaining-${name}`,
    reset: `x-ratelimit-reset-${name}`,
    rounding: 0,
  }),
);

/** Reads OpenAI's replies; Azure, and providers with OpenAI's API, send most of the same. */
export const openaiReader: DialectReader = {
  promptFormat: {
    baseVariable: 'OPENAI_BASE_URL',
    keyVariable: 'OPENAI_API_KEY',
    path: () => '/chat/completions',
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    body: ({ model, prompt, maxTokens, stream }) => ({
      model,
      messages: [{ role: 'user', content: prompt }],
      ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
      ...(stream && { stream }),
    }),
  },
  hosts: /(^|\.)api\.openai\.com$/,
  keyHeaders: ['authorization'],
  endpoints: [
    [/\/v1\/chat\/completions$/, 'chat.completions'],
    [/\/v1\/responses$/, 'responses'],
    [/\/v1\/completions$/, 'completions'],
    [/\/v1\/embeddings$/, 'embeddings'],
    [/\/v1\/moderations$/, 'moderations'],
    [/\/v1\/images\/generations$/, 'images.generations'],
  ],
  keptHeaders: /^openai-processing-ms$/,
  billingError:
    /^(insufficient_quota|credit_balance_exhausted|billing_(hard_limit_reached|not_active)|organization_usage_limit_exceeded|\w+_spend_limit_exceeded)$/,
  readLimits: (headers, atUs) => readTriples(TRIPLES, headers, atUs),
  readRefusal,
  readRequest: (body) =>
    readRequestFacts(
      body,
      (given) =>
        asInteger(given.max_completion_tokens) ?? asInteger(given.max_output_tokens) ?? asInteger(given.max_tokens),
    ),
  readReply,
  answerText({ type, delta, choices, output }) {
    // The Responses API sends `delta` as text; those of tool arguments are no answer.
    if (typeof delta === 'string') return type === 'response.output_text.delta' ? delta : '';
    const texts = asObjects(choices).map((choice) =>
      partsText(asObject(choice.delta ?? choice.message).content ?? choice.text),
    );
    return [...texts, ...asObjects(output).map(({ content }) => partsText(content))].join('');
  },
  isLastEvent: ({ done }) => done === true,
  endsAnswer: ({ done, type, choices }) =>
    done === true ||
    type === 'response.completed' ||
    type === 'response.incomplete' ||
    asObjects(choices).some(({ finish_reason: reason }) => typeof reason === 'string'),
};

/** Reads `usage`, or `response.usage` of the Responses API, and the error, whose code some gateways send as a number. */
function readReply(body: Body): ReplyFacts {
  const usage = isObject(body.usage) ? body.usage : asObject(asObject(body.response).usage);
  const { type, code, message } = errorOf(body);
  return omitUndefined({
    promptTokens: asInteger(usage.prompt_tokens) ?? asInteger(usage.input_tokens),
    completionTokens: asInteger(usage.completion_tokens) ?? asInteger(usage.output_tokens),
    errorType: asText(type),
    errorCode: asText(code) ?? asInteger(code)?.toString(),
    errorText: asText(message),
  });
}

/** `error` of a body, of the response in an event, or an event of type `error` itself. */
function errorOf(body: Body): Body {
  if (isObject(body.error)) return body.error;
  const { error } = asObject(body.response);
  if (isObject(error)) return error;
  return body.type === 'error' ? { code: body.code, message: body.message } : {};
}

/** Parses `Rate limit reached for M (for limit P) in organization O on requests per min (RPM): Limit 3, Used 3, …`. */
function readRefusal(message: string): StatedRefusal | undefined {
  const named = /(?:Rate limit reached|Request too large) for .+? on (.+?)(?: \([A-Z]+\))?: Limit (\d+)/.exec(message);
  if (!named) return undefined;
  const [words, period] = named[1]!.split(' per ');
  const number = (name: string): number | undefined => asInteger(new RegExp(`${name} (\\d+)`).exec(message)?.[1]);
  const wait = /try again in ([\d.hms]+\w)\./.exec(message)?.[1];
  return omitUndefined({
    unit: UNIT_WORDS.get(words!),
    periodUs: period === undefined ? undefined : (PERIOD_WORDS[period] ?? parseWait(period)?.low),
    limit: Number(named[2]),
    used: number('Used'),
    requested: number('Requested'),
    pool: /\(for limit ([^)]+)\)/.exec(message)?.[1],
    waitUs: wait === undefined ? undefined : parseWait(wait),
    owner: / in organization /.test(message) ? ('organization' as const) : undefined,
    permanent: message.startsWith('Request too large') ? ('too-large' as const) : undefined,
  });
}
