import type { Run } from '../../analysis/run/run-view.ts';
import { formatMetric } from '../format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

/** Further kinds of errors are summed up as `others`. */
const MAX_KINDS = 5;

const MAX_MESSAGE_CHARS = 160;

interface ErrorKind {
  readonly title: string;
  count: number;
  message: string;
  lastUs: number;
}

/**
 * Returns the errors of failed calls by name and status, most frequent first, each with its last message. Empty for
 * recordings and programs, where the caller's result is unknown, and for raw load, whose replies have their own block.
 */
export function failureLines({ calls, header }: Run, paint: Paint, width: number): string[] {
  if (header.recorded || header.program || header.scenario.client.code.kind === 'autocannon') return [];
  const kinds = new Map<string, ErrorKind>();
  for (const { result, error, endUs } of calls) {
    if (result !== 'error') continue;
    const title = [error?.name ?? 'error', error?.status].filter((part) => part !== undefined).join(' ');
    const kind = kinds.get(title) ?? { title, count: 0, message: '', lastUs: 0 };
    kinds.set(title, kind);
    kind.count++;
    if (endUs < kind.lastUs) continue;
    kind.lastUs = endUs;
    kind.message = error?.message ?? '';
  }
  const sorted = [...kinds.values()].sort((a, b) => b.count - a.count);
  const rest = sorted.slice(MAX_KINDS).reduce((sum, { count }) => sum + count, 0);
  const lines = sorted.slice(0, MAX_KINDS).flatMap((kind) => kindLines(kind, paint, width));
  return rest === 0 ? lines : [...lines, ...indented(`${rest} others`, width, 4)];
}

function kindLines({ title, count, message, lastUs }: ErrorKind, paint: Paint, width: number): string[] {
  const line = oneLine(message);
  const shown = line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS)}…` : line;
  const words = shown === '' ? '' : `, last at ${formatMetric(lastUs)}: ${shown}`;
  const [first = '', ...others] = indented(`${count} × ${title}${words}`, width, 6, '');
  return [first.replace(/^ {2}/, ''), ...others].map((line) => line.replace(title, paint.doubt(title)));
}

/** Removes control characters and line ends, which an error message may contain. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
