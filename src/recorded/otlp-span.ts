import { isObject } from '../../mock-server/dialects/body.ts';
import { asInteger, asObject, asText } from '../../mock-server/json-value.ts';
import type { Headers } from './entry.ts';

/** The fields that are read from a span in OTLP/JSON (opentelemetry-proto, trace.proto). */
export interface OtlpSpan {
  readonly id: string;
  readonly parent: string | undefined;
  readonly place: string;
  readonly startUs: number;
  readonly endUs: number | undefined;
  /** `call`: a client's operation on a model; `request`: an outgoing HTTP request; `other`: any other span. */
  readonly kind: 'call' | 'request' | 'other';
  readonly failed: boolean;
  readonly attributes: Attributes;
}

type Attributes = ReadonlyMap<string, string>;

/** Values of `gen_ai.operation.name` that send a request to a model; agents and tools do not. */
const MODEL_OPERATIONS = new Set(['chat', 'text_completion', 'generate_content', 'embeddings']);

/** Parses the spans of one element of `resourceSpans`. */
export function parseSpans(batch: unknown, place: string): OtlpSpan[] {
  const { scopeSpans, instrumentationLibrarySpans } = asObject(batch);
  return asList(scopeSpans ?? instrumentationLibrarySpans)
    .flatMap((scope) => asList(asObject(scope).spans))
    .flatMap((span, index) => parseSpan(asObject(span), `${place}, span ${index + 1}`));
}

function parseSpan(span: Readonly<Record<string, unknown>>, place: string): OtlpSpan[] {
  const id = asText(span.spanId);
  const startUs = parseNanos(span.startTimeUnixNano);
  if (id === undefined || startUs === undefined) return [];
  const trace = asText(span.traceId) ?? '';
  const parent = asText(span.parentSpanId);
  const attributes = parseAttributes(span.attributes);
  const endUs = parseNanos(span.endTimeUnixNano);
  const { code } = asObject(span.status);
  return [
    {
      id: `${trace} ${id}`,
      parent: parent === undefined ? undefined : `${trace} ${parent}`,
      place,
      startUs,
      endUs: endUs !== undefined && endUs >= startUs ? endUs : undefined,
      kind: kindOf(span.kind, attributes),
      failed: code === 2 || code === 'STATUS_CODE_ERROR' || attributes.has('error.type'),
      attributes,
    },
  ];
}

function kindOf(kind: unknown, attributes: Attributes): OtlpSpan['kind'] {
  const operation = attributes.get('gen_ai.operation.name');
  if (operation !== undefined) return MODEL_OPERATIONS.has(operation) ? 'call' : 'other';
  const isClient = kind === 3 || kind === 'SPAN_KIND_CLIENT';
  if (isClient && (attributes.has('http.request.method') || attributes.has('http.method'))) return 'request';
  return attributes.has('gen_ai.request.model') ? 'call' : 'other';
}

/**
 * Parses `[{ key, value: { stringValue | intValue | doubleValue | boolValue | arrayValue } }]` and drops the texts of
 * prompts.
 */
function parseAttributes(list: unknown): Attributes {
  const attributes = new Map<string, string>();
  for (const item of asList(list)) {
    const { key, value } = asObject(item);
    if (typeof key !== 'string' || /messages|prompt$|completion$|instructions|content/.test(key)) continue;
    const text = parseValue(value);
    if (text !== undefined) attributes.set(key, text);
  }
  return attributes;
}

function parseValue(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const single = value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue;
  if (single !== undefined) return String(single);
  const items = asList(asObject(value.arrayValue).values).flatMap((item) => parseValue(item) ?? []);
  return items.length === 0 ? undefined : items.join(', ');
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function parseNanos(value: unknown): number | undefined {
  const text = String(value ?? '');
  return /^\d{16,20}$/.test(text) ? Number(BigInt(text) / 1000n) : undefined;
}

/** Returns the first attribute that is present: versions of the semantic conventions use different names. */
export function firstAttribute(attributes: Attributes, ...names: readonly string[]): string | undefined {
  return names.map((name) => attributes.get(name)).find((value) => value !== undefined);
}

export function integerAttribute(attributes: Attributes, ...names: readonly string[]): number | undefined {
  return asInteger(firstAttribute(attributes, ...names));
}

/** Returns headers such as `http.response.header.retry-after`; old instrumentations write `_` for `-`. */
export function headerAttributes(attributes: Attributes, side: 'request' | 'response'): Headers | undefined {
  const prefix = `http.${side}.header.`;
  const found = [...attributes].filter(([name]) => name.startsWith(prefix));
  if (found.length === 0) return undefined;
  return Object.fromEntries(
    found.map(([name, value]) => [name.slice(prefix.length).toLowerCase().replaceAll('_', '-'), value]),
  );
}
