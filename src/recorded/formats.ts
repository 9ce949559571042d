import { QuotaLabError } from '../../mock-server/error.ts';
import { tryParseJson } from '../../mock-server/json-value.ts';
import type { RecordingReader } from './entry.ts';
import type { FieldMap } from './field-map.ts';
import { createHarReader } from './har.ts';
import { createJsonLinesReader } from './json-lines.ts';
import { createLitellmArrayReader, createLitellmReader, looksLikeLitellm } from './litellm.ts';
import { COMBINED, createNginxReader, matchesLogFormat } from './nginx.ts';
import { createOtlpReader, looksLikeOtlp } from './otlp.ts';

/** Supported formats, by their names in `--format`. */
export const FORMAT_NAMES = ['har', 'jsonl', 'nginx', 'litellm', 'otel'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

export interface FormatOptions {
  readonly format?: FormatName | undefined;
  readonly map?: FieldMap | undefined;
  readonly logFormat?: string | undefined;
}

/** Characters needed to detect a format. */
export const MIN_HEAD_CHARS = 64 * 1024;

/** Characters to buffer for a complete first line, which distinguishes JSON lines from a single JSON document. */
export const MAX_FIRST_LINE_CHARS = 16 * 1024 * 1024;

/** Detects the format of a recording from its first characters. Throws `recording/unknown-format`. */
export function detectFormat(head: string, { format, map, logFormat }: FormatOptions): FormatName {
  if (format) return format;
  if (map) return 'jsonl';
  if (logFormat !== undefined) return 'nginx';
  const text = head.replace(/^\uFEFF/, '').trimStart();
  if (startsLikeHar(text)) return 'har';
  if (looksLikeOtlp(text)) return 'otel';
  if (looksLikeLitellm(text)) return 'litellm';
  const [first = ''] = text.split('\n');
  if (tryParseJson(first) !== undefined && text.startsWith('{')) return 'jsonl';
  if (/"log"\s*:\s*\{/.test(text) && /"entries"\s*:/.test(text)) return 'har';
  if (matchesLogFormat(first, COMBINED)) return 'nginx';
  throw unknownFormat(text);
}

/** Whether the text starts as a HAR does. */
export function startsLikeHar(head: string): boolean {
  return /^\uFEFF?\s*\{\s*"log"\s*:\s*\{/.test(head);
}

function unknownFormat(text: string): QuotaLabError {
  const what =
    text === ''
      ? 'it is empty'
      : `it starts with ${/^[{[]/.test(text) ? 'JSON of an unknown shape' : 'neither JSON nor a combined log line'}`;
  const problems = [
    {
      path: '',
      message: `${what}; supported: HAR 1.2, JSON lines, nginx access logs, LiteLLM logs and OTLP JSON`,
      hint: `set --format ${FORMAT_NAMES.join(' | ')}; for an nginx log that is not combined, set --log-format`,
    },
  ];
  return new QuotaLabError('recording/unknown-format', 'cannot detect the format of the recording', { problems });
}

/** Creates the reader of a format. `head`: the start of the recording. */
export function createReader(name: FormatName, head: string, { map, logFormat }: FormatOptions): RecordingReader {
  switch (name) {
    case 'har':
      return createHarReader();
    case 'jsonl':
      return createJsonLinesReader(map);
    case 'nginx':
      return createNginxReader(logFormat);
    case 'litellm':
      return head.trimStart().startsWith('[') ? createLitellmArrayReader() : createLitellmReader();
    case 'otel':
      return createOtlpReader(head);
  }
}
