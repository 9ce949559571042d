import { asInteger, asObject, asObjects, asText, omitUndefined } from '../../json-value.ts';
import { type Body, partsText } from '../body.ts';
import { PERIOD_WORDS } from '../limit-words.ts';
import type { DialectReader, ReplyFacts, StatedRefusal } from '../reader.ts';
import { parseWait } from '../stated-wait.ts';

/** Reads the replies of the Gemini API. */
export const geminiReader: DialectReader = {
  promptFormat: {
    baseVariable: 'GOOGLE_GEMINI_BASE_URL',
    keyVariable: 'GEMINI_API_KEY',
    path: ({ model, stream }) =>
      `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: (key) => ({ 'x-goog-api-key': key }),
    body: ({ prompt, maxTokens }) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(maxTokens !== undefined && { generationConfig: { maxOutputTokens: maxTokens } }),
    }),
  },
  hosts: /(^|\.)(generativelanguage|aiplatform)\.googleapis\.com$|^[a-z0-9-]+-aiplatform\.googleapis\.com$/,
  keyHeaders: ['authorization', 'x-goog-api-key'],
  endpoints: [
    [/:generateContent$/, 'generateContent'],
    [/:streamGenerateContent$/, 'streamGenerateContent'],
    [/:countTokens$/, 'countTokens'],
    [/:(?:batch)?embedContents?$/i, 'embedContent'],
  ],
  keptHeaders: null,
  billingError: null,
  readLimits: () => [],
  readRefusal,
  readRequest: (body, path) =>
    omitUndefined({
      model: /\/models\/([^/:]+):/.exec(path)?.[1],
      stream: /:streamGenerateContent/i.test(path) || undefined,
      maxTokens: asInteger(asObject(body?.generationConfig).maxOutputTokens),
    }),
  readReply,
  answerText: ({ candidates }) =>
    asObjects(candidates)
      .map(({ content }) => partsText(asObject(content).parts))
      .join(''),
  isLastEvent,
  endsAnswer: (event) => isLastEvent(event) || asText(asObject(event.promptFeedback).blockReason) !== undefined,
};

function isLastEvent({ candidates }: Body): boolean {
  return asObjects(candidates)[0]?.finishReason !== undefined;
}

/** Reads `usageMetadata` and `error`, a `google.rpc.Status` whose `code` is the HTTP status. */
function readReply(body: Body): ReplyFacts {
  const usage = asObject(body.usageMetadata);
  const { code, status, message, details } = asObject(body.error);
  const quota = quotaViolationText(details);
  // The line with the metric and its limit follows a line of general advice.
  const line =
    asText(message)
      ?.split('\n')
      .find((candidate) => candidate.includes('Quota exceeded')) ?? asText(message);
  return omitUndefined({
    promptTokens: asInteger(usage.promptTokenCount),
    completionTokens: asInteger(usage.candidatesTokenCount),
    errorCode: typeof code === 'number' ? asText(status) : undefined,
    errorText: quota === undefined ? undefined : [line, quota].filter((part) => part !== undefined).join(' '),
    retryDelay: asObjects(details)
      .map(({ retryDelay }) => asText(retryDelay))
      .find((delay) => delay !== undefined),
  });
}

/** Returns the id and size of the quota in QuotaFailure: the message names the metric but not the period. */
function quotaViolationText(details: unknown): string | undefined {
  const violations = asObjects(details).flatMap((detail) => asObjects(detail.violations));
  const named = violations.find(({ quotaId }) => typeof quotaId === 'string');
  return named && [named.quotaId, asText(named.quotaValue)].filter((part) => part !== undefined).join(' ');
}

/** Parses `Quota exceeded for metric: …_requests, limit: 5, …` and `GenerateRequestsPerMinutePerProjectPerModel-FreeTier`. */
function readRefusal(message: string): StatedRefusal | undefined {
  const metric = /metric: \S*?(requests|token_count),/.exec(message)?.[1];
  const [quota = '', counted, period] = /Generate\w*?(Requests|InputTokens)\w*?Per(Minute|Day)\w*/.exec(message) ?? [];
  if (metric === undefined && counted === undefined) return undefined;
  const wait = /(?:retry in |retryDelay\W+)([\d.]+m?s)/.exec(message)?.[1];
  return omitUndefined({
    unit: metric === 'requests' || counted === 'Requests' ? ('requests' as const) : ('input-tokens' as const),
    limit: asInteger(/(?:limit: |quotaValue\W+)(\d+)/.exec(message)?.[1]),
    periodUs: period === undefined ? undefined : PERIOD_WORDS[period.toLowerCase()],
    waitUs: wait === undefined ? undefined : parseWait(wait),
    owner: quota.includes('PerProject') ? ('project' as const) : undefined,
    perModel: quota.includes('PerModel') ? true : undefined,
  });
}
