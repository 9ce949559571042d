import { isObject } from '../../mock-server/dialects/body.ts';
import type { Headers } from './entry.ts';
import { objectIn, textIn, wholeIn } from './json-value.ts';

/** A span of OTLP/JSON (opentelemetry-proto, trace.proto) with what of it is needed. */
export interface Span {
  readonly id: string;
  readonly parent: string | undefined;
  readonly place: string;
  readonly startUs: number;
  readonly endUs: number | undefined;
  /** `call`: a client's operation on a model; `request`: an HTTP request that was sent; `other`: what stands between. */
  readonly kind: 'call' | 'request' | 'other';
  readonly failed: boolean;
  readonly attributes: Attributes;
}

type Attributes = ReadonlyMap<string, string>;

/** Operations of `gen_ai.operation.name` that ask a model; agents and tools stand above or beside them. */
const ASKING = new Set(['chat', 'text_completion', 'generate_content', 'embeddings']);

/** The spans of one element of `resourceSpans`. */
export function spansIn(batch: unknown, place: string): Span[] {
  const { scopeSpans, instrumentationLibrarySpans } = objectIn(batch);
  return listOf(scopeSpans ?? instrumentationLibrarySpans)
    .flatMap((scope) => listOf(objectIn(scope).spans))
    .flatMap((span, index) => spanIn(objectIn(span), `${place}, span ${index + 1}`));
}

function spanIn(span: Readonly<Record<string, unknown>>, place: string): Span[] {
  const id = textIn(span.spanId);
  const startUs = microsIn(span.startTimeUnixNano);
  if (id === undefined || startUs === undefined) return [];
  const trace = textIn(span.traceId) ?? '';
  const parent = textIn(span.parentSpanId);
  const attributes = attributesIn(span.attributes);
  const endUs = microsIn(span.endTimeUnixNano);
  const { code } = objectIn(span.status);
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

function kindOf(kind: unknown, attributes: Attributes): Span['kind'] {
  const operation = attributes.get('gen_ai.operation.name');
  if (operation !== undefined) return ASKING.has(operation) ? 'call' : 'other';
  const isClient = kind === 3 || kind === 'SPAN_KIND_CLIENT';
  if (isClient && (attributes.has('http.request.method') || attributes.has('http.method'))) return 'request';
  return attributes.has('gen_ai.request.model') ? 'call' : 'other';
}

/**
 * `[{ key, value: { stringValue | intValue | doubleValue | boolValue | arrayValue } }]`; texts of prompts are not taken
 * along.
 */
function attributesIn(list: unknown): Attributes {
  const attributes = new Map<string, string>();
  for (const item of listOf(list)) {
    const { key, value } = objectIn(item);
    if (typeof key !== 'string' || /messages|prompt$|completion$|instructions|content/.test(key)) continue;
    const text = valueIn(value);
    if (text !== undefined) attributes.set(key, text);
  }
  return attributes;
}

function valueIn(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const single = value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue;
  if (single !== undefined) return String(single);
  const items = listOf(objectIn(value.arrayValue).values).flatMap((item) => valueIn(item) ?? []);
  return items.length === 0 ? undefined : items.join(', ');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function microsIn(value: unknown): number | undefined {
  const text = String(value ?? '');
  return /^\d{16,20}$/.test(text) ? Number(BigInt(text) / 1000n) : undefined;
}

/** The first of several names that is there: conventions renamed them. */
export function first(attributes: Attributes, ...names: readonly string[]): string | undefined {
  return names.map((name) => attributes.get(name)).find((value) => value !== undefined);
}

export function count(attributes: Attributes, ...names: readonly string[]): number | undefined {
  return wholeIn(first(attributes, ...names));
}

/** `http.response.header.retry-after` and its like; old instrumentations write `_` for `-`. */
export function headersOf(attributes: Attributes, side: 'request' | 'response'): Headers | undefined {
  const prefix = `http.${side}.header.`;
  const found = [...attributes].filter(([name]) => name.startsWith(prefix));
  if (found.length === 0) return undefined;
  return Object.fromEntries(
    found.map(([name, value]) => [name.slice(prefix.length).toLowerCase().replaceAll('_', '-'), value]),
  );
}
