import type { Analysis } from '../../analysis/analysis.ts';
import { wordsFor } from '../../analysis/judging/recorded-facts.ts';
import { confidences, joinedBy, RUNG_WORDS } from '../../analysis/run/joined-by.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

const FORMATS: Readonly<Record<string, string>> = {
  har: 'HAR',
  jsonl: 'JSON lines',
  nginx: 'nginx access log',
  litellm: 'LiteLLM log',
  otel: 'OpenTelemetry spans',
};

/** More hosts or reasons than this are counted only. */
const MOST_SHOWN = 5;

/** Where a recording comes from: what was read, what was left out, what joined attempts to calls, and what it does not tell. */
export function recordedLines(run: Run, { unattributed }: Analysis, paint: Paint, width: number): string[] {
  const { recorded } = run.header;
  if (!recorded) return [];
  const { format, entries, leftOut, hosts, missing, notes } = recorded;
  const n = run.attempts.length;
  const lines = [
    `${FORMATS[format] ?? format}: ${n} of ${entries} entries are requests to a model${hosts.length === 0 ? '' : ` (${some(hosts)})`}`,
    ...leftOutLines(leftOut),
    joinedText(run, unattributed),
    ...(missing.length === 0 ? [] : [`it does not tell ${missing.map(wordsFor).join('; ')}`]),
    ...notes,
  ];
  return lines
    .flatMap((line) =>
      indented(line, width, 6, '').map((text, index) => (index === 0 ? text.replace(/^ {2}/, '') : text)),
    )
    .map((line) => (line.includes('could not be joined') ? paint.doubt(line) : line));
}

/** What joined attempts to calls, where no tag did. */
export function joinedText(run: Run, unattributed: number): string {
  const joins = Object.entries(joinedBy(run)).filter(([by]) => by !== 'none');
  const by =
    joins.map(([rung, count]) => `${RUNG_WORDS[rung as keyof typeof RUNG_WORDS]} ${count}`).join(', ') || 'nothing';
  const calls = `${run.calls.length} ${run.calls.length === 1 ? 'call' : 'calls'}`;
  const n = run.attempts.length;
  const { guess } = confidences(run);
  const guessed = guess === 0 ? '' : `; ${guess} of ${n} by guess`;
  const lost = unattributed === 0 ? '' : `; ${unattributed} of ${n} could not be joined`;
  return `joined to ${calls} by ${by}${guessed}${lost}`;
}

function leftOutLines(leftOut: NonNullable<Run['header']['recorded']>['leftOut']): string[] {
  const shown = leftOut
    .slice(0, MOST_SHOWN)
    .map(({ why, count, first }) => `left out ${count}: ${why} (first: ${first})`);
  const rest = leftOut.slice(MOST_SHOWN);
  if (rest.length === 0) return shown;
  return [
    ...shown,
    `left out ${rest.reduce((sum, { count }) => sum + count, 0)} more, for ${rest.length} other reasons`,
  ];
}

function some(names: readonly string[]): string {
  const more = names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : '';
  return names.slice(0, MOST_SHOWN).join(', ') + more;
}
