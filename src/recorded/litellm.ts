import { isObject } from '../../mock-server/dialects/body.ts';
import { asInteger, asNumber, asObject, asText, omitUndefined, tryParseJson } from '../../mock-server/json-value.ts';
import type { Headers, ParsedEntry, RecordingReader } from './entry.ts';
import { getPath } from './get-path.ts';
import { createJsonReader } from './json-stream.ts';
import { createLineReader } from './lines.ts';
import { type ParsedTime, parseEpochSeconds, parseIsoTime } from './parsed-time.ts';

/** Keys of LiteLLM's payloads and spend logs that are rare elsewhere. */
const LITELLM_KEYS = [/"standard_logging_object"/, /"litellm_(call|trace|params)/, /"call_type"\s*:/];

export function looksLikeLitellm(head: string): boolean {
  return /^[{[]/.test(head) && LITELLM_KEYS.some((mark) => mark.test(head)) && /"start_?[tT]ime"\s*:/.test(head);
}

/** Reads a payload (docs.litellm.ai/docs/proxy/logging_spec) or a row of the spend logs from each line. */
export function createLitellmReader(): RecordingReader {
  return createLineReader((line, place) => {
    const value = tryParseJson(line);
    return [isObject(value) ? parseRecord(value, place) : { place, skipReason: 'not a JSON object' }];
  });
}

/** Reads an array of such payloads or rows, as returned by the proxy's `/spend/logs`. */
export function createLitellmArrayReader(): RecordingReader {
  return createJsonReader(['$.*'], 'record', (value, place) => [parseRecord(asObject(value), place)]);
}

/**
 * Parses one request of LiteLLM. Its own retries and fallbacks share a `trace_id`; the retries of the SDK below it are not
 * logged.
 */
function parseRecord(value: Readonly<Record<string, unknown>>, place: string): ParsedEntry {
  const log = isObject(value.standard_logging_object) ? value.standard_logging_object : value;
  const started = parseTime(log.startTime);
  const ended = parseTime(log.endTime);
  if (!started) return { place, skipReason: 'missing or invalid startTime' };
  if (log.cache_hit === true || log.cache_hit === 'True') return { place, skipReason: "served from LiteLLM's cache" };
  const failed = log.status === 'failure' || getPath(log, 'metadata.status') === 'failure';
  const info = asObject(log.error_information ?? getPath(log, 'metadata.error_information'));
  if (failed && NOT_SENT_ERRORS.test(asText(info.error_class) ?? ''))
    return { place, skipReason: 'rejected by LiteLLM, not sent' };
  const status = failed ? statusOf(info) : 200;
  const first = parseTime(log.completionStartTime);
  const parsed = { ...parseOutcome(info, status) };
  if (failed && parsed.outcome === undefined) return { place, skipReason: 'failure without a status' };
  return {
    place,
    startUs: started.us,
    resolutionUs: started.resolutionUs,
    outcome: parsed.outcome ?? 'response',
    status: status ?? 0,
    isModelCall: true,
    responseHeaders: parseHeaders(
      getPath(log, 'hidden_params.additional_headers'),
      getPath(log, 'hidden_params.headers'),
    ),
    ...omitUndefined({
      endUs: ended && ended.us >= started.us ? ended.us : undefined,
      headersUs: !failed && first && first.us > started.us && ended && first.us < ended.us ? first.us : undefined,
      host: parseHost(asText(log.api_base)),
      endpoint: endpointOf(asText(log.call_type)),
      model: asText(log.model),
      key: asText(getPath(log, 'metadata.user_api_key_hash')) ?? asText(log.api_key),
      marker: asText(log.trace_id) ?? asText(log.session_id),
      requestBody: requestIdentity(log),
      stream: typeof log.stream === 'boolean' ? log.stream : undefined,
      promptTokens: failed ? undefined : asInteger(log.prompt_tokens),
      completionTokens: failed ? undefined : asInteger(log.completion_tokens),
      maxTokens:
        asInteger(getPath(log, 'model_parameters.max_tokens')) ??
        asInteger(getPath(log, 'model_parameters.max_completion_tokens')),
      errorType: asText(info.error_class),
      errorText: asText(info.error_message) ?? asText(log.error_str),
    }),
  };
}

/** Errors of the proxy itself: these requests never reached a provider. */
const NOT_SENT_ERRORS = /^(Router|Budget|Proxy|Guardrail|HTTPException)|ParallelRequest/;

/** Payloads have seconds, spend logs ISO times; times without an offset are UTC, as in LiteLLM's database. */
function parseTime(value: unknown): ParsedTime | undefined {
  return typeof value === 'number' ? parseEpochSeconds(String(value)) : parseIsoTime(asText(value) ?? '', true);
}

function statusOf(info: Readonly<Record<string, unknown>>): number | undefined {
  const code = asInteger(info.error_code);
  return code !== undefined && code >= 100 && code < 600 ? code : undefined;
}

/** LiteLLM sets its own status for requests without a reply: the error class shows these. */
function parseOutcome(
  info: Readonly<Record<string, unknown>>,
  status: number | undefined,
): { outcome?: 'response' | 'reset' | 'aborted' } {
  const name = asText(info.error_class) ?? '';
  if (/Timeout$/.test(name)) return { outcome: 'aborted' };
  if (/APIConnectionError$/.test(name)) return { outcome: 'reset' };
  return status === undefined ? {} : { outcome: 'response' };
}

/** `llm_provider-x-ratelimit-…` is a header of the provider; LiteLLM also writes it as `x_ratelimit_…`. */
function parseHeaders(...lists: readonly unknown[]): Headers {
  const headers: Record<string, string> = {};
  for (const [name, value] of lists.flatMap((list) => Object.entries(asObject(list)))) {
    if (typeof value !== 'string' && asNumber(value) === undefined) continue;
    headers[
      name
        .toLowerCase()
        .replace(/^llm_provider-/, '')
        .replaceAll('_', '-')
    ] = String(value);
  }
  return headers;
}

const ENDPOINTS: readonly (readonly [RegExp, string])[] = [
  [/^a?(text_)completion$/, 'completions'],
  [/^a?completion$/, 'chat.completions'],
  [/^a?embedding$/, 'embeddings'],
  [/^a?responses$/, 'responses'],
  [/^anthropic_messages$/, 'messages'],
  [/^a?moderation$/, 'moderations'],
  [/^a?image_generation$/, 'images.generations'],
];

function endpointOf(callType: string | undefined): string | undefined {
  return ENDPOINTS.find(([pattern]) => pattern.test(callType ?? ''))?.[1];
}

/** Prompts are often missing in logs, or replaced by a placeholder; then requests cannot be distinguished. */
function requestIdentity(log: Readonly<Record<string, unknown>>): string | undefined {
  const { messages } = log;
  const hasMessages = Array.isArray(messages)
    ? messages.length > 0
    : isObject(messages) && Object.keys(messages).length > 0;
  if (!hasMessages || JSON.stringify(messages).includes('redacted-by-litellm')) return undefined;
  return JSON.stringify([log.model_group ?? log.model, messages, log.model_parameters ?? null]);
}

function parseHost(base: string | undefined): string | undefined {
  return base !== undefined && URL.canParse(base) ? new URL(base).host : undefined;
}
