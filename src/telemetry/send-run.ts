import { QuotaLabError } from '../../mock-server/error.ts';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import { findUnattributed } from '../analysis/run/attempts.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { attemptSpan, callSpan, type SpanContext } from '../export/otel/call-spans.ts';
import { shownStartUs } from '../export/otel/run-start.ts';
import type { SpanShape } from '../export/otel/span.ts';
import { importOtel, type Otel } from './otel-packages.ts';
import { recordMetrics } from './record-metrics.ts';

/** Spans that are sent together; the next ones are made when these have arrived. */
const BATCH_SPANS = 512;

/** A collector that is down holds up the end of a run no longer, all tries together; OTEL_EXPORTER_OTLP_TIMEOUT says otherwise. */
const TIMEOUT_MS = 2000;

const VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;

/** Where OpenTelemetry data goes, as its environment variables say; undefined if none says so. Throws `telemetry/protocol`. */
export function telemetryEndpoint(env: NodeJS.ProcessEnv): string | undefined {
  const endpoint = VARIABLES.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  if (endpoint === undefined || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined;
  if (env.OTEL_EXPORTER_OTLP_PROTOCOL === 'grpc') {
    const hint = 'unset OTEL_EXPORTER_OTLP_PROTOCOL and name the HTTP port of the collector, usually 4318';
    throw new QuotaLabError('telemetry/protocol', 'spans and metrics are sent by HTTP, not by gRPC', {
      problems: [{ path: 'OTEL_EXPORTER_OTLP_PROTOCOL', message: 'is grpc', hint }],
    });
  }
  return createRedactor().text(endpoint);
}

/**
 * Sends a run to the collector that the environment names (OTLP over HTTP, JSON): a span for each call with its attempts below it,
 * and metrics. Returns the number of spans. Throws `telemetry/missing-packages` and `telemetry/not-sent`.
 */
export async function sendRun(run: Run, nowUs: number): Promise<number> {
  const otel = await importOtel();
  const context: SpanContext = { run, startedUs: shownStartUs(run, nowUs), redactor: createRedactor() };
  const resource = createResource(otel, run);
  try {
    const spans = await sendSpans(otel, resource, run, context);
    await sendMetrics(otel, resource, run, context);
    return spans;
  } catch (cause) {
    const reason = context.redactor.text(cause instanceof Error ? cause.message || cause.name : String(cause));
    throw new QuotaLabError('telemetry/not-sent', `the collector did not take the run: ${reason}`, { cause });
  }
}

type Resource = ReturnType<Otel['resources']['defaultResource']>;

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` come before our own. */
function createResource({ resources }: Otel, { header }: Run): Resource {
  const { scenario, seed, time, tool, generated } = header;
  const own = resources.resourceFromAttributes({
    'service.name': 'quotalab',
    'quotalab.scenario': createRedactor().text(scenario.name),
    'quotalab.seed': seed,
    'quotalab.time': time,
    'quotalab.version': tool,
    'quotalab.started_at': new Date(generated.startedUs / 1000).toISOString(),
  });
  const { serviceNameEnvDetector, resourceAttributesEnvDetector } = resources;
  return own.merge(resources.detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
}

/** The SDK's 10 s are for programs that go on while it tries. */
function timeoutOf(signal: 'TRACES' | 'METRICS'): { readonly timeoutMillis?: number } {
  const names = ['OTEL_EXPORTER_OTLP_TIMEOUT', `OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`];
  return names.some((name) => process.env[name]) ? {} : { timeoutMillis: TIMEOUT_MS };
}

async function sendSpans(otel: Otel, resource: Resource, run: Run, context: SpanContext): Promise<number> {
  const exporter = new otel.traceExporter.OTLPTraceExporter(timeoutOf('TRACES'));
  // Without a limit, since the queue is emptied here: the SDK would drop spans when it is full.
  const processor = new otel.trace.BatchSpanProcessor({
    exporter,
    maxQueueSize: Number.MAX_SAFE_INTEGER,
    maxExportBatchSize: BATCH_SPANS,
  });
  const provider = new otel.trace.TracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer('quotalab');
  let [made, waiting] = [0, 0];
  try {
    for (const shape of spansOf(run, context)) {
      const added = startSpan(otel, tracer, shape, otel.api.ROOT_CONTEXT);
      made += added;
      waiting += added;
      if (waiting < BATCH_SPANS) continue;
      await processor.forceFlush();
      waiting = 0;
    }
    await processor.forceFlush();
  } finally {
    await provider.shutdown().catch(() => undefined);
  }
  return made;
}

function* spansOf(run: Run, context: SpanContext): Generator<SpanShape> {
  for (const call of run.calls) yield callSpan(call, context);
  for (const attempt of findUnattributed(run)) yield attemptSpan(attempt, undefined, context);
}

type Tracer = ReturnType<InstanceType<Otel['trace']['TracerProvider']>['getTracer']>;

/** Starts and ends a span and those below it. Returns how many. */
function startSpan(otel: Otel, tracer: Tracer, shape: SpanShape, parent: typeof otel.api.ROOT_CONTEXT): number {
  const { SpanKind, SpanStatusCode, trace } = otel.api;
  const { name, startUs, endUs, attributes, error, children } = shape;
  const options = { kind: SpanKind.CLIENT, startTime: toHrTime(startUs), attributes };
  const span = tracer.startSpan(name, options, parent);
  const inside = trace.setSpan(parent, span);
  const below = children.reduce((sum, child) => sum + startSpan(otel, tracer, child, inside), 0);
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end(toHrTime(endUs));
  return below + 1;
}

/** Seconds and nanoseconds. */
function toHrTime(us: number): [number, number] {
  const seconds = Math.floor(us / 1e6);
  return [seconds, Math.round(us - seconds * 1e6) * 1000];
}

async function sendMetrics(otel: Otel, resource: Resource, run: Run, context: SpanContext): Promise<void> {
  const exporter = new otel.metricExporter.OTLPMetricExporter(timeoutOf('METRICS'));
  // Collected once: the periodic reader of the SDK sends again when it ends, and tells nobody of failures.
  class OneTimeReader extends otel.metrics.MetricReader {
    protected async onForceFlush(): Promise<void> {}
    protected async onShutdown(): Promise<void> {}
  }
  const reader = new OneTimeReader();
  const provider = new otel.metrics.MeterProvider({ resource, readers: [reader] });
  recordMetrics(provider.getMeter('quotalab'), run, context);
  const { resourceMetrics } = await reader.collect();
  await new Promise<void>((resolve, reject) => {
    exporter.export(resourceMetrics, ({ error }) => (error ? reject(error) : resolve()));
  });
  await Promise.all([provider.shutdown(), exporter.shutdown()]);
}
