import type { Run } from '../../analysis/run/run-view.ts';
import { formatMetric } from '../format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

/** Further kinds of errors are summed up as `others`. */
const MAX_KINDS = 5;

const MAX_MESSAGE_CHARS = 160;

/** The failed calls with one error. */
interface ErrorKind {
  /** Name and status. */
  readonly title: string;
  count: number;
  /** The last one, in one line. */
  message: string;
  lastUs: number;
}

/** Returns the errors of failed calls by name and status, most frequent first, each with its last message. */
export function failureLines(run: Run, paint: Paint, width: number): string[] {
  const kinds = errorKinds(run);
  const rest = kinds.slice(MAX_KINDS).reduce((sum, { count }) => sum + count, 0);
  const lines = kinds.slice(0, MAX_KINDS).flatMap((kind) => kindLines(kind, paint, width));
  return rest === 0 ? lines : [...lines, ...indented(`${rest} others`, width, 4)];
}

/**
 * Returns the errors of failed calls, most frequent first. Empty for recordings and programs, where the caller's result is
 * unknown, and for raw load, whose replies are shown instead.
 */
export function errorKinds({ calls, header }: Run): readonly Readonly<ErrorKind>[] {
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
  const shown = [...kinds.values()].map((kind) => ({ ...kind, message: shorten(oneLine(kind.message)) }));
  return shown.sort((a, b) => b.count - a.count);
}

function shorten(line: string): string {
  return line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS)}…` : line;
}

function kindLines({ title, count, message, lastUs }: Readonly<ErrorKind>, paint: Paint, width: number): string[] {
  const words = message === '' ? '' : `, last at ${formatMetric(lastUs)}: ${message}`;
  const [first = '', ...others] = indented(`${count} × ${title}${words}`, width, 6, '');
  return [first.replace(/^ {2}/, ''), ...others].map((line) => line.replace(title, paint.doubt(title)));
}

/** Removes control characters and line ends, which an error message may contain. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
