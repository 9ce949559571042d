import { isObject } from '../../mock-server/dialects/body.ts';
import type { Headers, Read, RecordingReader } from './entry.ts';
import { jsonReader } from './json-stream.ts';
import { at, known, numberIn, objectIn, textIn, wholeIn } from './json-value.ts';
import { jsonOf, lineReader } from './lines.ts';
import { isoMoment, type Moment, secondsMoment } from './moment.ts';

/** Keys that LiteLLM's payloads and spend logs have, and hardly anything else. */
const MARKS = [/"standard_logging_object"/, /"litellm_(call|trace|params)/, /"call_type"\s*:/];

export function looksLikeLitellm(head: string): boolean {
  return /^[{[]/.test(head) && MARKS.some((mark) => mark.test(head)) && /"start_?[tT]ime"\s*:/.test(head);
}

/** A payload (docs.litellm.ai/docs/proxy/logging_spec) or a row of the spend logs on each line. */
export function litellmReader(): RecordingReader {
  return lineReader((line, place) => {
    const value = jsonOf(line);
    return [isObject(value) ? recordIn(value, place) : { place, leftOut: 'no JSON object' }];
  });
}

/** The same in one array, as the proxy's `/spend/logs` answers. */
export function litellmArrayReader(): RecordingReader {
  return jsonReader(['$.*'], 'record', (value, place) => [recordIn(objectIn(value), place)]);
}

/**
 * One request that LiteLLM made: it logs each with `trace_id`, which its own retries and fallbacks share. What the SDK below
 * it retried is not seen.
 */
function recordIn(value: Readonly<Record<string, unknown>>, place: string): Read {
  const log = isObject(value.standard_logging_object) ? value.standard_logging_object : value;
  const started = momentIn(log.startTime);
  const ended = momentIn(log.endTime);
  if (!started) return { place, leftOut: 'no startTime that can be read' };
  if (log.cache_hit === true || log.cache_hit === 'True') return { place, leftOut: "answered from LiteLLM's cache" };
  const failed = log.status === 'failure' || at(log, 'metadata.status') === 'failure';
  const info = objectIn(log.error_information ?? at(log, 'metadata.error_information'));
  if (failed && NOT_SENT.test(textIn(info.error_class) ?? ''))
    return { place, leftOut: 'refused by LiteLLM itself, not sent' };
  const status = failed ? statusOf(info) : 200;
  const first = momentIn(log.completionStartTime);
  const error = { ...outcomeOf(info, status) };
  if (failed && error.outcome === undefined) return { place, leftOut: 'a failure of which no status is told' };
  return {
    place,
    startUs: started.us,
    resolutionUs: started.resolutionUs,
    outcome: error.outcome ?? 'response',
    status: status ?? 0,
    isModelCall: true,
    responseHeaders: headersIn(at(log, 'hidden_params.additional_headers'), at(log, 'hidden_params.headers')),
    ...known({
      endUs: ended && ended.us >= started.us ? ended.us : undefined,
      headersUs: !failed && first && first.us > started.us && ended && first.us < ended.us ? first.us : undefined,
      host: hostOf(textIn(log.api_base)),
      endpoint: endpointOf(textIn(log.call_type)),
      model: textIn(log.model),
      key: textIn(at(log, 'metadata.user_api_key_hash')) ?? textIn(log.api_key),
      marker: textIn(log.trace_id) ?? textIn(log.session_id),
      requestBody: bodyOf(log),
      stream: typeof log.stream === 'boolean' ? log.stream : undefined,
      promptTokens: failed ? undefined : wholeIn(log.prompt_tokens),
      completionTokens: failed ? undefined : wholeIn(log.completion_tokens),
      maxTokens:
        wholeIn(at(log, 'model_parameters.max_tokens')) ?? wholeIn(at(log, 'model_parameters.max_completion_tokens')),
      errorType: textIn(info.error_class),
      errorText: textIn(info.error_message) ?? textIn(log.error_str),
    }),
  };
}

/** What the proxy refuses on its own account never reached a provider. */
const NOT_SENT = /^(Router|Budget|Proxy|Guardrail|HTTPException)|ParallelRequest/;

/** Payloads have seconds, spend logs ISO dates; dates without an offset are UTC, as LiteLLM's database has them. */
function momentIn(value: unknown): Moment | undefined {
  return typeof value === 'number' ? secondsMoment(String(value)) : isoMoment(textIn(value) ?? '', true);
}

function statusOf(info: Readonly<Record<string, unknown>>): number | undefined {
  const code = wholeIn(info.error_code);
  return code !== undefined && code >= 100 && code < 600 ? code : undefined;
}

/** LiteLLM gives its own status to what had none: its class of error tells. */
function outcomeOf(
  info: Readonly<Record<string, unknown>>,
  status: number | undefined,
): { outcome?: 'response' | 'reset' | 'aborted' } {
  const name = textIn(info.error_class) ?? '';
  if (/Timeout$/.test(name)) return { outcome: 'aborted' };
  if (/APIConnectionError$/.test(name)) return { outcome: 'reset' };
  return status === undefined ? {} : { outcome: 'response' };
}

/** `llm_provider-x-ratelimit-…` is what the provider sent, and `x_ratelimit_…` how LiteLLM also writes it. */
function headersIn(...lists: readonly unknown[]): Headers {
  const headers: Record<string, string> = {};
  for (const [name, value] of lists.flatMap((list) => Object.entries(objectIn(list)))) {
    if (typeof value !== 'string' && numberIn(value) === undefined) continue;
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
  return ENDPOINTS.find(([form]) => form.test(callType ?? ''))?.[1];
}

/** Prompts are often left out of logs, or stand as a placeholder; then nothing tells requests apart. */
function bodyOf(log: Readonly<Record<string, unknown>>): string | undefined {
  const { messages } = log;
  const isThere = Array.isArray(messages)
    ? messages.length > 0
    : isObject(messages) && Object.keys(messages).length > 0;
  if (!isThere || JSON.stringify(messages).includes('redacted-by-litellm')) return undefined;
  return JSON.stringify([log.model_group ?? log.model, messages, log.model_parameters ?? null]);
}

function hostOf(base: string | undefined): string | undefined {
  return base !== undefined && URL.canParse(base) ? new URL(base).host : undefined;
}
