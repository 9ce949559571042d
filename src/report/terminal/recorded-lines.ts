import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { counted } from '../format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

const FORMATS: Readonly<Record<string, string>> = {
  har: 'HAR',
  jsonl: 'JSON lines',
  nginx: 'nginx access log',
  litellm: 'LiteLLM log',
  otel: 'OpenTelemetry spans',
};

/** Further hosts or reasons are only counted. */
const MAX_SHOWN = 5;

/** Returns what was read from a recording, what was skipped, how attempts were joined to calls, and what is missing. */
export function recordedLines(run: Run, analysis: Analysis, paint: Paint, width: number): string[] {
  const { recorded } = run.header;
  if (!recorded) return [];
  const { leftOut, notes } = recorded;
  const { missing } = analysis;
  const lines = [
    entriesText(run, recorded),
    ...leftOutLines(leftOut),
    joinedText(run, analysis),
    ...(missing.length === 0 ? [] : [`not recorded: ${missing.map(({ description }) => description).join('; ')}`]),
    ...notes,
  ];
  return lines
    .flatMap((line) =>
      indented(line, width, 6, '').map((text, index) => (index === 0 ? text.replace(/^ {2}/, '') : text)),
    )
    .map((line) => (line.includes('could not be joined') ? paint.doubt(line) : line));
}

/** Returns what was read from a recording and what was skipped, in at most three lines. */
export function briefRecordedLines(run: Run, width: number): string[] {
  const { recorded } = run.header;
  if (!recorded) return [];
  const lines = [entriesText(run, recorded), ...leftOutLines(recorded.leftOut)];
  return lines.flatMap((line) => indented(line, width, 4)).slice(0, 3);
}

function entriesText(run: Run, { format, entries, hosts }: NonNullable<Run['header']['recorded']>): string {
  const where = hosts.length === 0 ? '' : ` (${firstNames(hosts)})`;
  return `${FORMATS[format] ?? format}: ${run.attempts.length} of ${entries} entries are requests to a model${where}`;
}

/** Returns how attempts were joined to calls, for runs without tags. */
export function joinedText(run: Run, { attribution, unattributed }: Analysis): string {
  const calls = counted(run.calls.length, 'call');
  const n = run.attempts.length;
  const { guess } = attribution.confidence;
  const guessed = guess === 0 ? '' : `; ${guess} of ${n} by guess`;
  const lost = unattributed === 0 ? '' : `; ${unattributed} of ${n} could not be joined`;
  return `joined to ${calls} by ${attribution.rungs || 'nothing'}${guessed}${lost}`;
}

function leftOutLines(leftOut: NonNullable<Run['header']['recorded']>['leftOut']): string[] {
  const shown = leftOut
    .slice(0, MAX_SHOWN)
    .map(({ why, count, first }) => `skipped ${count}: ${why} (first: ${first})`);
  const rest = leftOut.slice(MAX_SHOWN);
  if (rest.length === 0) return shown;
  return [
    ...shown,
    `skipped ${rest.reduce((sum, { count }) => sum + count, 0)} more, for ${rest.length} other reasons`,
  ];
}

function firstNames(names: readonly string[]): string {
  const more = names.length > MAX_SHOWN ? ` and ${names.length - MAX_SHOWN} more` : '';
  return names.slice(0, MAX_SHOWN).join(', ') + more;
}
