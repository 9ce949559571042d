import { isObject } from '../../mock-server/dialects/body.ts';
import type { Read, RecordedEntry, RecordingReader } from './entry.ts';
import { jsonReader } from './json-stream.ts';
import { known } from './json-value.ts';
import { jsonOf, lineReader } from './lines.ts';
import { count, first, headersOf, type Span, spansIn } from './otlp-span.ts';

export function looksLikeOtlp(head: string): boolean {
  return /^[{[]/.test(head) && /"resourceSpans"\s*:\s*\[/.test(head);
}

/**
 * OpenTelemetry traces as OTLP/JSON, one document or one a line (what the collector's file exporter writes). A GenAI span is
 * a call, all its retries included (semantic conventions, gen-ai-spans); HTTP client spans below it are its attempts. A call
 * with no HTTP span below it is taken as one attempt whose inside cannot be seen.
 */
export function otlpReader(head: string): RecordingReader {
  const spans: Span[] = [];
  const take = (batch: unknown, place: string): readonly Read[] => {
    spans.push(...spansIn(batch, place));
    return [];
  };
  const atEnd = (): readonly Read[] => readsOf(spans);
  const [line = ''] = head.replace(/^\uFEFF/, '').split('\n');
  if (!head.includes('\n') || jsonOf(line) === undefined)
    return jsonReader(['$.resourceSpans.*'], 'batch', take, atEnd);
  return lineReader((text, place) => {
    const value = jsonOf(text);
    if (!isObject(value) || !Array.isArray(value.resourceSpans)) return [{ place, leftOut: 'no resourceSpans' }];
    return value.resourceSpans.flatMap((batch) => take(batch, place));
  }, atEnd);
}

function readsOf(spans: readonly Span[]): Read[] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const callAbove = (span: Span): Span | undefined => {
    // A trace that is damaged may go round in a circle.
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
  const reads = [
    ...requests.flatMap(({ span, call }) => (call ? [requestIn(span, { call })] : [])),
    ...[...loose.values()].flatMap((siblings) => siblings.map((span) => requestIn(span, { siblings }))),
    ...spans.filter((span) => span.kind === 'call' && !withRequests.has(span)).map(wholeCall),
  ];
  // Spans are exported as they end, children first: their order tells nothing of the clock.
  const startOf = (read: Read): number => ('startUs' in read ? read.startUs : 0);
  return reads.sort((a, b) => startOf(a) - startOf(b));
}

/** What tells the call of a request: the call's span above it, or how many requests its parent has made. */
interface Family {
  readonly call?: Span;
  readonly siblings?: readonly Span[];
}

const RESENT = ['http.request.resend_count', 'http.resend_count', 'http.retry_count'];

function requestIn(span: Span, { call, siblings = [] }: Family): Read {
  const { attributes, place } = span;
  const status = count(attributes, 'http.response.status_code', 'http.status_code') ?? 0;
  const outcome = status > 0 ? 'response' : outcomeOf(first(attributes, 'error.type'));
  if (!outcome) return { place, leftOut: 'no status, and no error that tells what became of it' };
  const resent = siblings.some((one) => (count(one.attributes, ...RESENT) ?? 0) > 0);
  return {
    ...commonOf(span, status, outcome),
    ...(call && callFacts(call, status)),
    ...known({
      parentSpan: call?.id ?? (siblings.length === 1 ? (span.parent ?? span.id) : undefined),
      isModelCall: call ? (true as const) : undefined,
      // What is sent again is the same request, by what the count means; the first one carries none.
      ...(resent && { retryCount: count(attributes, ...RESENT) ?? 0, sameAs: `resent under ${span.parent}` }),
    }),
  };
}

function wholeCall(span: Span): Read {
  const { attributes, place, failed } = span;
  const error = first(attributes, 'error.type');
  const told = count(attributes, 'http.response.status_code', 'http.status_code') ?? (failed ? statusOf(error) : 200);
  const outcome = told === undefined ? outcomeOf(error) : 'response';
  if (!outcome) return { place, leftOut: 'a failed call of which no status is told' };
  const status = told ?? 0;
  return { ...commonOf(span, status, outcome), ...callFacts(span, status), isModelCall: true, whole: true };
}

function commonOf(span: Span, status: number, outcome: RecordedEntry['outcome']): RecordedEntry {
  const { attributes, place, startUs, endUs } = span;
  const text = first(attributes, 'url.full', 'http.url');
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return {
    place,
    startUs,
    resolutionUs: 1,
    outcome,
    status,
    ...known({
      endUs,
      method: first(attributes, 'http.request.method', 'http.method'),
      host: url?.host ?? first(attributes, 'server.address', 'net.peer.name'),
      target: url ? url.pathname + url.search : first(attributes, 'url.path', 'http.target'),
      requestHeaders: headersOf(attributes, 'request'),
      responseHeaders: headersOf(attributes, 'response'),
      userAgent: first(attributes, 'user_agent.original', 'http.user_agent'),
    }),
  };
}

const ENDPOINTS: Readonly<Record<string, string>> = {
  chat: 'chat',
  text_completion: 'completions',
  embeddings: 'embeddings',
};

function callFacts({ attributes }: Span, status: number): Partial<RecordedEntry> {
  const answered = status >= 200 && status < 300;
  return known({
    model: first(attributes, 'gen_ai.request.model', 'gen_ai.response.model'),
    endpoint: ENDPOINTS[first(attributes, 'gen_ai.operation.name') ?? ''],
    maxTokens: count(attributes, 'gen_ai.request.max_tokens'),
    promptTokens: answered ? count(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens') : undefined,
    completionTokens: answered
      ? count(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens')
      : undefined,
  });
}

function outcomeOf(error: string | undefined): RecordedEntry['outcome'] | undefined {
  if (error === undefined) return undefined;
  if (/time.?d?.?out|abort|cancel/i.test(error)) return 'aborted';
  return /connect|reset|refused|socket|network|ECONN/i.test(error) ? 'reset' : undefined;
}

/** `error.type` is a status, or the class of the SDK's error, each of which stands for one status. */
const CLASSES: readonly (readonly [RegExp, number])[] = [
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
  return /^[1-5]\d\d$/.test(error) ? Number(error) : CLASSES.find(([name]) => name.test(error))?.[1];
}
