import { QuotaLabError } from '../../mock-server/error.ts';
import type { RecordingReader } from './entry.ts';
import type { FieldMap } from './field-map.ts';
import { harReader } from './har.ts';
import { jsonLinesReader } from './json-lines.ts';
import { jsonOf } from './lines.ts';
import { litellmArrayReader, litellmReader, looksLikeLitellm } from './litellm.ts';
import { COMBINED, nginxReader, readsAs } from './nginx.ts';
import { looksLikeOtlp, otlpReader } from './otlp.ts';

/** Recordings that are read, by the names that `--format` takes. */
export const FORMAT_NAMES = ['har', 'jsonl', 'nginx', 'litellm', 'otel'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

export interface FormatOptions {
  readonly format?: FormatName | undefined;
  readonly map?: FieldMap | undefined;
  readonly logFormat?: string | undefined;
}

/** Characters that are enough to tell a format. */
export const HEAD_CHARACTERS = 64 * 1024;

/** A first line is waited for this long: whether it is whole tells one document from many. */
export const LONGEST_FIRST_LINE = 16 * 1024 * 1024;

/** Tells what a recording is by its first characters. Throws `recording/unknown-format`. */
export function detectFormat(head: string, { format, map, logFormat }: FormatOptions): FormatName {
  if (format) return format;
  if (map) return 'jsonl';
  if (logFormat !== undefined) return 'nginx';
  const text = head.replace(/^\uFEFF/, '').trimStart();
  if (beginsHar(text)) return 'har';
  if (looksLikeOtlp(text)) return 'otel';
  if (looksLikeLitellm(text)) return 'litellm';
  const [first = ''] = text.split('\n');
  if (jsonOf(first) !== undefined && text.startsWith('{')) return 'jsonl';
  if (/"log"\s*:\s*\{/.test(text) && /"entries"\s*:/.test(text)) return 'har';
  if (readsAs(first, COMBINED)) return 'nginx';
  throw unknown(text);
}

/** Whether a HAR begins so. */
export function beginsHar(head: string): boolean {
  return /^\uFEFF?\s*\{\s*"log"\s*:\s*\{/.test(head);
}

function unknown(text: string): QuotaLabError {
  const what =
    text === ''
      ? 'it is empty'
      : `it begins with ${/^[{[]/.test(text) ? 'JSON of no known shape' : 'neither JSON nor a combined log line'}`;
  const problems = [
    {
      path: '',
      message: `${what}; a HAR 1.2, JSON lines, an nginx access log, LiteLLM logs and OTLP JSON are known`,
      hint: `name it with --format ${FORMAT_NAMES.join(' | ')}; an nginx log of another shape needs --log-format`,
    },
  ];
  return new QuotaLabError('recording/unknown-format', 'cannot tell what kind of recording this is', { problems });
}

/** A reader for a format; `head` is what the recording begins with. */
export function readerOf(name: FormatName, head: string, { map, logFormat }: FormatOptions): RecordingReader {
  switch (name) {
    case 'har':
      return harReader();
    case 'jsonl':
      return jsonLinesReader(map);
    case 'nginx':
      return nginxReader(logFormat);
    case 'litellm':
      return head.trimStart().startsWith('[') ? litellmArrayReader() : litellmReader();
    case 'otel':
      return otlpReader(head);
  }
}
