import { DIALECTS } from '../../../mock-server/dialects/dialects.ts';
import { omitUndefined } from '../../../mock-server/json-value.ts';
import type { Redactor } from '../../../mock-server/redaction/redactor.ts';
import { isAnswered, waitBeforeUs } from '../../analysis/run/attempts.ts';
import type { Attempt, Call, Run } from '../../analysis/run/run-view.ts';
import { requestUrl } from '../request-path.ts';
import { operationOf } from './names.ts';
import type { Attributes, SpanShape } from './span.ts';

/** What the spans of a run have in common. */
export interface SpanContext {
  readonly run: Pick<Run, 'header'>;
  /** Start of the run in microseconds since the Unix epoch, as its spans show it. */
  readonly startedUs: number;
  readonly redactor: Redactor;
}

/**
 * Returns the span of a call, with one span below it for each of its attempts (OpenTelemetry semantic conventions: gen-ai-spans,
 * http-spans). A call starts when its load wanted it to start.
 */
export function callSpan(call: Call, context: SpanContext): SpanShape {
  const { attempts, scheduledUs, endUs, error, result } = call;
  const operation = callAttributes(call, context);
  const { text } = context.redactor;
  const kind = result === 'open' ? 'open' : error && (error.status?.toString() ?? error.code ?? error.name);
  return {
    name: `${operation['gen_ai.operation.name']} ${operation['gen_ai.request.model']}`,
    startUs: context.startedUs + scheduledUs,
    endUs: context.startedUs + endUs,
    attributes: {
      ...operation,
      ...(kind !== undefined && { 'error.type': text(kind) }),
      ...omitUndefined({
        'quotalab.load': call.load || undefined,
        'quotalab.client': call.client,
        'quotalab.replica': call.replica,
        'quotalab.job': call.job && text(call.job),
      }),
      'quotalab.call': call.id,
      'quotalab.attempts': attempts.length,
    },
    ...(kind !== undefined && { error: text(error?.message ?? 'the run ended first') }),
    children: attempts.map((attempt, index) => attemptSpan(attempt, attempts[index - 1], context)),
  };
}

/** What GenAI conventions want of an operation; tokens are those of the answer. */
export function callAttributes({ attempts }: Pick<Call, 'attempts'>, { run }: SpanContext): Attributes {
  const { provider, call } = run.header.scenario;
  const answer = attempts.find(isAnswered);
  const [first] = attempts;
  return {
    'gen_ai.operation.name': operationOf(first?.endpoint),
    'gen_ai.provider.name': DIALECTS[provider.dialect].otelName,
    'gen_ai.request.model': first?.model ?? call.model,
    'server.address': run.header.recorded?.hosts[0] ?? '127.0.0.1',
    ...omitUndefined({
      'gen_ai.usage.input_tokens': answer?.promptTokens,
      'gen_ai.usage.output_tokens': answer?.completionTokens,
    }),
  };
}

/** Returns the span of one HTTP request; `before`: the attempt of the same call before it. */
export function attemptSpan(attempt: Attempt, before: Attempt | undefined, context: SpanContext): SpanShape {
  const { startUs, endUs, number, id, deniedBy, fault } = attempt;
  const error = errorType(attempt);
  return {
    name: 'POST',
    startUs: context.startedUs + startUs,
    endUs: context.startedUs + endUs,
    attributes: {
      'http.request.method': 'POST',
      'url.full': requestUrl(context.run, attempt),
      'server.address': context.run.header.recorded?.hosts[0] ?? '127.0.0.1',
      ...(number > 1 && { 'http.request.resend_count': number - 1 }),
      ...(attempt.status > 0 && { 'http.response.status_code': attempt.status }),
      ...(error !== undefined && { 'error.type': error }),
      ...headerAttributes(attempt, context.redactor),
      ...omitUndefined({
        'quotalab.provider': attempt.provider,
        'quotalab.denied_by': deniedBy,
        'quotalab.fault': fault,
      }),
      ...(before && { 'quotalab.waited_ms': waitBeforeUs(before, attempt) / 1000 }),
      'quotalab.attempt': id,
    },
    ...(error !== undefined && { error: deniedBy === undefined ? error : `refused by ${deniedBy}` }),
    children: [],
  };
}

/** Headers are lists, since they may be repeated. */
function headerAttributes(
  { retryAfterRaw, retryAfterSource, retryCount, userAgent }: Attempt,
  { text }: Redactor,
): Attributes {
  const isHeader = retryAfterRaw !== undefined && retryAfterSource !== 'retry-info';
  return {
    ...(isHeader && { [`http.response.header.${retryAfterSource ?? 'retry-after'}`]: [text(retryAfterRaw)] }),
    ...(retryCount !== undefined && { 'http.request.header.x-stainless-retry-count': [String(retryCount)] }),
    ...(userAgent !== undefined && { 'user_agent.original': text(userAgent) }),
  };
}

/** The status of an error, else what ended the request without one. */
export function errorType({ status, outcome, defect }: Attempt): string | undefined {
  if (outcome === 'reset') return 'connection_reset';
  if (outcome !== 'response') return outcome;
  return status >= 400 ? String(status) : defect;
}
