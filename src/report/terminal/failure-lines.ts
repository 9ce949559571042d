import type { Run } from '../../analysis/run/run-view.ts';
import { formatMetric } from '../format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

/** More kinds of errors are counted only. */
const MOST_KINDS = 5;

/** More of a message than this is not shown. */
const LONGEST_MESSAGE = 160;

interface Kind {
  readonly title: string;
  count: number;
  message: string;
  lastUs: number;
}

/**
 * What calls of the team's code failed with, by the error's name and status, the most frequent first, each with what its last one
 * said. Where nobody knows what callers got, and of raw load, whose answers are told by themselves, there is nothing.
 */
export function failureLines({ calls, header }: Run, paint: Paint, width: number): string[] {
  if (header.recorded || header.program || header.scenario.client.code.kind === 'autocannon') return [];
  const kinds = new Map<string, Kind>();
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
  const rest = sorted.slice(MOST_KINDS).reduce((sum, { count }) => sum + count, 0);
  const lines = sorted.slice(0, MOST_KINDS).flatMap((kind) => kindLines(kind, paint, width));
  return rest === 0 ? lines : [...lines, ...indented(`${rest} others`, width, 4)];
}

function kindLines({ title, count, message, lastUs }: Kind, paint: Paint, width: number): string[] {
  const said = oneLine(message);
  const shown = said.length > LONGEST_MESSAGE ? `${said.slice(0, LONGEST_MESSAGE)}…` : said;
  const words = shown === '' ? '' : `, the last after ${formatMetric(lastUs)}: ${shown}`;
  const [first = '', ...others] = indented(`${count} × ${title}${words}`, width, 6, '');
  return [first.replace(/^ {2}/, ''), ...others].map((line) => line.replace(title, paint.doubt(title)));
}

/** A message may be anything; what moves a cursor or ends a line has no place here. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
