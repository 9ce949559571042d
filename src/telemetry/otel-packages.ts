import { QuotaLabError } from '../../mock-server/error.ts';

const NAMES = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/resources',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/exporter-metrics-otlp-http',
] as const;

/** Imports OpenTelemetry's SDK, which is optional: it takes 20 MB. Throws `telemetry/missing-packages`. */
export async function importOtel() {
  try {
    const [api, trace, metrics, resources, traceExporter, metricExporter] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
    ]);
    return { api, trace, metrics, resources, traceExporter, metricExporter };
  } catch (cause) {
    throw new QuotaLabError('telemetry/missing-packages', "OpenTelemetry's SDK is not installed", {
      problems: [{ path: '', message: 'spans and metrics need it', hint: `npm install ${NAMES.join(' ')}` }],
      cause,
    });
  }
}

export type Otel = Awaited<ReturnType<typeof importOtel>>;
