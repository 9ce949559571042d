import type { Run } from '../analysis/run/run-view.ts';
import { callAttributes, errorType, type SpanContext } from '../export/otel/call-spans.ts';
import type { Attributes } from '../export/otel/span.ts';
import type { Otel } from './otel-packages.ts';

type Meter = ReturnType<InstanceType<Otel['metrics']['MeterProvider']>['getMeter']>;

/** Boundaries that the conventions advise (gen-ai-metrics, http-metrics). */
const OPERATION_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Records the metrics of a run: the duration and tokens of its calls, and the duration of its attempts. */
export function recordMetrics(meter: Meter, { calls, attempts }: Run, context: SpanContext): void {
  const histogram = (name: string, unit: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
  const operation = histogram(
    'gen_ai.client.operation.duration',
    's',
    'Duration of a call, with its retries and waits.',
    OPERATION_SECONDS,
  );
  const tokens = histogram('gen_ai.client.token.usage', '{token}', 'Tokens of answered calls.', TOKENS);
  const request = histogram('http.client.request.duration', 's', 'Duration of an attempt.', REQUEST_SECONDS);
  for (const call of calls) {
    if (call.result === 'open') continue;
    const { scheduledUs, endUs, error } = call;
    const { inputTokens, outputTokens, ...common } = splitTokens(callAttributes(call, context));
    const kind = error && context.redactor.text(error.status?.toString() ?? error.code ?? error.name);
    operation.record((endUs - scheduledUs) / 1e6, { ...common, ...(kind !== undefined && { 'error.type': kind }) });
    if (inputTokens !== undefined) tokens.record(inputTokens, { ...common, 'gen_ai.token.type': 'input' });
    if (outputTokens !== undefined) tokens.record(outputTokens, { ...common, 'gen_ai.token.type': 'output' });
  }
  const server = context.run.header.recorded?.hosts[0] ?? '127.0.0.1';
  for (const attempt of attempts) {
    const kind = errorType(attempt);
    request.record((attempt.endUs - attempt.startUs) / 1e6, {
      'http.request.method': 'POST',
      'server.address': server,
      ...(attempt.status > 0 && { 'http.response.status_code': attempt.status }),
      ...(kind !== undefined && { 'error.type': kind }),
    });
  }
}

function splitTokens(attributes: Attributes) {
  const {
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    ...common
  } = attributes as Attributes & Readonly<Record<`gen_ai.usage.${'input' | 'output'}_tokens`, number | undefined>>;
  return { ...common, inputTokens, outputTokens };
}
