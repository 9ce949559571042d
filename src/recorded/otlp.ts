import { isObject } from '../../mock-server/dialects/body.ts';
import { omitUndefined, tryParseJson } from '../../mock-server/json-value.ts';
import type { ParsedEntry, RecordedEntry, RecordingReader } from './entry.ts';
import { createJsonReader } from './json-stream.ts';
import { createLineReader } from './lines.ts';
import { firstAttribute, headerAttributes, integerAttribute, type OtlpSpan, parseSpans } from './otlp-span.ts';

export function looksLikeOtlp(head: string): boolean {
  return /^[{[]/.test(head) && /"resourceSpans"\s*:\s*\[/.test(head);
}

/**
 * Reads OpenTelemetry traces as OTLP/JSON: one document, or one per line as the collector's file exporter writes. A GenAI
 * span is a call with all its retries (semantic conventions, gen-ai-spans); the HTTP client spans below it are its attempts.
 * A call without HTTP spans is read as a single attempt, marked `whole`.
 */
export function createOtlpReader(head: string): RecordingReader {
  const spans: OtlpSpan[] = [];
  const addSpans = (batch: unknown, place: string): readonly ParsedEntry[] => {
    for (const span of parseSpans(batch, place)) spans.push(span);
    return [];
  };
  const atEnd = (): readonly ParsedEntry[] => entriesFrom(spans);
  const [line = ''] = head.replace(/^\uFEFF/, '').split('\n');
  if (!head.includes('\n') || tryParseJson(line) === undefined)
    return createJsonReader(['$.resourceSpans.*'], 'batch', addSpans, atEnd);
  return createLineReader((text, place) => {
    const value = tryParseJson(text);
    if (!isObject(value) || !Array.isArray(value.resourceSpans)) return [{ place, skipReason: 'no resourceSpans' }];
    return value.resourceSpans.flatMap((batch) => addSpans(batch, place));
  }, atEnd);
}

function entriesFrom(spans: readonly OtlpSpan[]): ParsedEntry[] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const callAbove = (span: OtlpSpan): OtlpSpan | undefined => {
    // The parents of a damaged trace may form a cycle.
    let above = span.parent === undefined ? undefined : byId.get(span.parent);
    for (let steps = 0; above && above.kind !== 'call' && steps < 50; steps++) {
      above = above.parent === undefined ? undefined : byId.get(above.parent);
    }
    return above?.kind === 'call' ? above : undefined;
  };
  const requests = spans.filter(({ kind }) => kind === 'request').map((span) => ({ span, call: callAbove(span) }));
  const withRequests = new Set(requests.map(({ call }) => call));
  const loose = Map.groupBy(
    requests.filter(({ call }) => !call).map(({ span }) => span),
    ({ parent, id }) => parent ?? id,
  );
  const entries = [
    ...requests.flatMap(({ span, call }) => (call ? [requestEntry(span, { call })] : [])),
    ...[...loose.values()].flatMap((siblings) => siblings.map((span) => requestEntry(span, { siblings }))),
    ...spans.filter((span) => span.kind === 'call' && !withRequests.has(span)).map(wholeCallEntry),
  ];
  // Spans are exported when they end, children first, so their order says nothing about the clock.
  const startOf = (entry: ParsedEntry): number => ('startUs' in entry ? entry.startUs : 0);
  return entries.sort((a, b) => startOf(a) - startOf(b));
}

/** The spans that identify the call of a request: the call's span above it, or the requests with the same parent. */
interface SpanRelatives {
  readonly call?: OtlpSpan;
  readonly siblings?: readonly OtlpSpan[];
}

const RESEND_COUNT = ['http.request.resend_count', 'http.resend_count', 'http.retry_count'];

function requestEntry(span: OtlpSpan, { call, siblings = [] }: SpanRelatives): ParsedEntry {
  const { attributes, place } = span;
  const status = integerAttribute(attributes, 'http.response.status_code', 'http.status_code') ?? 0;
  const outcome = status > 0 ? 'response' : outcomeOf(firstAttribute(attributes, 'error.type'));
  if (!outcome) return { place, skipReason: 'no status and no known error' };
  const hasResends = siblings.some((sibling) => (integerAttribute(sibling.attributes, ...RESEND_COUNT) ?? 0) > 0);
  return {
    ...commonFields(span, status, outcome),
    ...(call && callFacts(call, status)),
    ...omitUndefined({
      parentSpan: call?.id ?? (siblings.length === 1 ? (span.parent ?? span.id) : undefined),
      isModelCall: call ? (true as const) : undefined,
      // A resend count means that the request is the same; the first request has no count.
      ...(hasResends && {
        retryCount: integerAttribute(attributes, ...RESEND_COUNT) ?? 0,
        sameAs: `resent under ${span.parent}`,
      }),
    }),
  };
}

function wholeCallEntry(span: OtlpSpan): ParsedEntry {
  const { attributes, place, failed } = span;
  const error = firstAttribute(attributes, 'error.type');
  const recordedStatus =
    integerAttribute(attributes, 'http.response.status_code', 'http.status_code') ?? (failed ? statusOf(error) : 200);
  const outcome = recordedStatus === undefined ? outcomeOf(error) : 'response';
  if (!outcome) return { place, skipReason: 'failed call without a status' };
  const status = recordedStatus ?? 0;
  return { ...commonFields(span, status, outcome), ...callFacts(span, status), isModelCall: true, whole: true };
}

function commonFields(span: OtlpSpan, status: number, outcome: RecordedEntry['outcome']): RecordedEntry {
  const { attributes, place, startUs, endUs } = span;
  const text = firstAttribute(attributes, 'url.full', 'http.url');
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return {
    place,
    startUs,
    resolutionUs: 1,
    outcome,
    status,
    ...omitUndefined({
      endUs,
      method: firstAttribute(attributes, 'http.request.method', 'http.method'),
      host: url?.host ?? firstAttribute(attributes, 'server.address', 'net.peer.name'),
      target: url ? url.pathname + url.search : firstAttribute(attributes, 'url.path', 'http.target'),
      requestHeaders: headerAttributes(attributes, 'request'),
      responseHeaders: headerAttributes(attributes, 'response'),
      userAgent: firstAttribute(attributes, 'user_agent.original', 'http.user_agent'),
    }),
  };
}

const ENDPOINTS: Readonly<Record<string, string>> = {
  chat: 'chat',
  text_completion: 'completions',
  embeddings: 'embeddings',
};

function callFacts({ attributes }: OtlpSpan, status: number): Partial<RecordedEntry> {
  const succeeded = status >= 200 && status < 300;
  return omitUndefined({
    model: firstAttribute(attributes, 'gen_ai.request.model', 'gen_ai.response.model'),
    endpoint: ENDPOINTS[firstAttribute(attributes, 'gen_ai.operation.name') ?? ''],
    maxTokens: integerAttribute(attributes, 'gen_ai.request.max_tokens'),
    promptTokens: succeeded
      ? integerAttribute(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens')
      : undefined,
    completionTokens: succeeded
      ? integerAttribute(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens')
      : undefined,
  });
}

function outcomeOf(error: string | undefined): RecordedEntry['outcome'] | undefined {
  if (error === undefined) return undefined;
  if (/time.?d?.?out|abort|cancel/i.test(error)) return 'aborted';
  return /connect|reset|refused|socket|network|ECONN/i.test(error) ? 'reset' : undefined;
}

/** `error.type` is a status or an error class of the SDK; each class stands for one status. */
const ERROR_CLASSES: readonly (readonly [RegExp, number])[] = [
  [/RateLimitError$/, 429],
  [/BadRequestError$/, 400],
  [/AuthenticationError$/, 401],
  [/PermissionDeniedError$/, 403],
  [/NotFoundError$/, 404],
  [/ConflictError$/, 409],
  [/UnprocessableEntityError$/, 422],
];

function statusOf(error: string | undefined): number | undefined {
  if (error === undefined) return undefined;
  return /^[1-5]\d\d$/.test(error) ? Number(error) : ERROR_CLASSES.find(([pattern]) => pattern.test(error))?.[1];
}
