import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endingKind } from '../../../src/analysis/run/attempts.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import { sendRun, telemetryEndpoint } from '../../../src/telemetry/send-run.ts';
import { header, runOf, strip } from '../analysis/strip.ts';
import { read } from '../recorded/traffic.ts';

interface Posted {
  readonly path: string;
  readonly body: string;
}

/** A collector of OTLP/JSON: keeps what it gets and answers with `status`. */
async function collector(status = 200) {
  const posted: Posted[] = [];
  const server = createServer(async (request, response) => {
    posted.push({ path: request.url ?? '', body: await text(request) });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { posted, close: () => server.close() };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

const STRIP = strip(`
  a.1 0-20 429 raw=2 ra=2000
  a.2 2100-2400 200 tokens=7
  b.1 100-120 400 code=context_length_exceeded
  c.1 200-900 reset
  => b error
`);

const NOW_US = 1_800_000_000_000_000;

describe('sendRun', () => {
  it('posts a span for each call and, below it, for each attempt, in OTLP/JSON that analyze reads', async () => {
    const { posted, close } = await collector();
    const run = runOf(STRIP);
    expect(await sendRun(run, NOW_US)).toBe(3 + 4);
    close();
    const traces = posted.filter(({ path }) => path === '/v1/traces').map(({ body }) => body);
    const back = readRun(read(traces.join('\n')).records);
    expect(back.attempts.map((attempt) => [attempt.startUs, attempt.endUs, endingKind(attempt)])).toEqual(
      run.attempts.map((attempt) => [attempt.startUs, attempt.endUs, endingKind(attempt)]),
    );
    expect(back.calls.map(({ attempts }) => attempts.length)).toEqual([2, 1, 1]);
    expect(back.attempts[0]).toMatchObject({ retryAfterRaw: '2', model: 'gpt-4o-mini', endpoint: 'chat' });
    const { resource, scopeSpans } = JSON.parse(traces[0]!).resourceSpans[0];
    expect(attributesOf(resource)).toMatchObject({ 'service.name': 'quotalab', 'quotalab.scenario': 'strip' });
    const call = scopeSpans[0].spans.find(({ name }: { name: string }) => name.startsWith('chat '));
    expect(call).toMatchObject({ name: 'chat gpt-4o-mini', startTimeUnixNano: '1767225600000000000' });
    expect(attributesOf(call)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.usage.output_tokens': 7,
      'server.address': '127.0.0.1',
    });
    const retry = scopeSpans[0].spans.find((span: Attributed) => attributesOf(span)['http.request.resend_count'] === 1);
    expect(attributesOf(retry)).toMatchObject({ 'http.response.status_code': 200, 'quotalab.waited_ms': 2080 });
  });

  it('posts the durations of calls and attempts, and tokens, as histograms', async () => {
    const { posted, close } = await collector();
    await sendRun(runOf(STRIP), NOW_US);
    close();
    const { body } = posted.find(({ path }) => path === '/v1/metrics')!;
    const { metrics } = JSON.parse(body).resourceMetrics[0].scopeMetrics[0];
    const counts = metrics.map(({ name, unit, histogram }: Metric) => [
      name,
      unit,
      histogram.dataPoints.reduce((sum, { count }) => sum + count, 0),
    ]);
    expect(counts).toEqual([
      ['gen_ai.client.operation.duration', 's', 3],
      ['gen_ai.client.token.usage', '{token}', 1],
      ['http.client.request.duration', 's', 4],
    ]);
  });

  it('moves a run in virtual time so that it ends now', async () => {
    const { posted, close } = await collector();
    const head = { ...header(), time: 'virtual' as const };
    await sendRun(runOf(strip('a.1 0-20 200'), { head, endMs: 60_000 }), NOW_US);
    close();
    const [traces] = posted.filter(({ path }) => path === '/v1/traces');
    const [span] = JSON.parse(traces!.body).resourceSpans[0].scopeSpans[0].spans;
    expect(span.startTimeUnixNano).toBe(`${NOW_US - 60_000_000}000`);
  });

  it('throws if the collector refuses', async () => {
    const { close } = await collector(400);
    await expect(sendRun(runOf(STRIP), NOW_US)).rejects.toMatchObject({ code: 'telemetry/not-sent' });
    close();
  });
});

it('the environment decides whether and where to', () => {
  const set = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:Zq7Secret9@collector:4318' };
  expect(telemetryEndpoint({})).toBeUndefined();
  expect(telemetryEndpoint({ ...set, OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
  expect(telemetryEndpoint(set)).toBe('http://me:…@collector:4318');
  expect(() => telemetryEndpoint({ ...set, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow('not by gRPC');
});

interface Attributed {
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly histogram: { readonly dataPoints: readonly { readonly count: number }[] };
}

function attributesOf({ attributes }: Attributed): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
