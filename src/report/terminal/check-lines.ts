import type { BaselineComparison, RowChange } from '../../check/check-baseline.ts';
import { type CheckTable, countRows } from '../../check/check-table.ts';
import { foundText, type RowResult, type RowVerdict, worstFirst } from '../../check/judge-row.ts';
import { counted } from '../format.ts';
import { type Levels, linesWithin } from './lines-within.ts';
import { type Paint, paintFor } from './paint.ts';
import type { Result } from './result-line.ts';
import type { TerminalOptions } from './terminal.ts';
import { colourOf, evidenceText } from './verdict-lines.ts';
import { indented } from './wrap.ts';

/** The mark of each verdict on a row, in the terminal and in docs. */
export const MARKS: Readonly<Record<RowVerdict, string>> = {
  fail: '✗',
  warn: '!',
  undecided: '?',
  pass: '✓',
  'not-applicable': '–',
};

const EVIDENCE_SHOWN = 2;

/** How much of a table is shown. */
export interface CheckLineOptions extends Pick<TerminalOptions, 'color' | 'width'> {
  /** Whether rows that passed have a line each, and others all their evidence. */
  readonly full?: boolean;
  /** The comparison with the table that was kept. */
  readonly comparison?: BaselineComparison | undefined;
}

/** Returns the line of a row that has just ended. */
export function rowLine({ id, verdict, did }: RowResult, { color }: Pick<TerminalOptions, 'color'>): string {
  const paint = colourOf(verdict, paintFor(color));
  return `  ${paint(`${MARKS[verdict]} ${id}`)}  ${did}`;
}

/** Returns the table of a check: rows that did not pass first, each with what the client did and what to change. */
export function checkSummary(table: CheckTable, { color, width, full = false, comparison }: CheckLineOptions): string {
  const paint = paintFor(color);
  const rows = worstFirst(table.rows);
  const passed = rows.filter(({ verdict }) => verdict === 'pass');
  const wrong = rows.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable');
  return [
    '',
    `  ${paint.strong(table.client)}  ${paint.quiet(`${table.dialect}, ${table.time} time, seed ${table.seed}`)}`,
    '',
    ...wrongLines(wrong, paint, width, full),
    ...(full ? passed.map((row) => rowLine(row, { color })) : passedLines(passed, wrong.length > 0, paint, width)),
    ...leftOutLines(rows, paint, width, full),
    '',
    ...(table.weaker === undefined
      ? []
      : indented(`All rows prove less than in virtual time: ${table.weaker}.`, width, 2)),
    ...(comparison ? comparisonLines(comparison, paint, width) : []),
    '',
  ].join('\n');
}

/** Rows that the same change in the client would mend, the severest first. */
function groupByMend(rows: readonly RowResult[]): RowResult[][] {
  return [...Map.groupBy(rows, ({ id, verdict, decidedBy, act }) => `${verdict} ${decidedBy} ${act || id}`).values()];
}

/** Lines for rows that did not pass, so that a table fits on a page. */
const MOST_WRONG = 17;

function wrongLines(wrong: readonly RowResult[], paint: Paint, width: number, full: boolean): string[] {
  const groups = groupByMend(wrong);
  if (full) return groups.flatMap((group) => wrongRowsLines(group, paint, width, true));
  const levels = groups.map((group): Levels => {
    const [first] = group as [RowResult];
    const names = headLines(first, othersText(group) || first.did, paint, width);
    const mend = mendLines(first, width);
    return [
      names.length > 1 ? [`${names[0]} …`] : names,
      [...names, ...mend],
      [...names, ...indented(foundText(first), width, 6), ...mend],
      [...names, ...indented(foundText(first), width, 6), ...proofLines(first, 1, width), ...mend],
      wrongRowsLines(group, paint, width, false),
    ];
  });
  return linesWithin(levels, MOST_WRONG, (count) => `    … and ${count} more (--full shows all)`);
}

/** Returns the first attempts that prove what a row found. */
function proofLines({ evidence }: RowResult, most: number, width: number): string[] {
  return evidence.slice(0, most).flatMap((item) => indented(evidenceText(item), width, 8));
}

/** Names the other rows of a group. */
function othersText([, ...others]: readonly RowResult[]): string {
  return others.length === 0 ? '' : `also ${others.map(({ id }) => id).join(', ')}`;
}

function mendLines({ act }: RowResult, width: number): string[] {
  return act === '' ? [] : indented(act, width, 6, '→ ');
}

/** The first row whole, the others by what differs, and what to change, once. */
function wrongRowsLines(
  [first, ...others]: readonly RowResult[],
  paint: Paint,
  width: number,
  full: boolean,
): string[] {
  if (!first) return [];
  const lines = [
    ...wrongRowLines(first, paint, width, full),
    ...others.flatMap((row) => (full ? wrongRowLines(row, paint, width, full) : briefRowLines(row, paint, width))),
  ];
  return [...lines, ...mendLines(first, width)];
}

function wrongRowLines(row: RowResult, paint: Paint, width: number, full: boolean): string[] {
  const { situation, did, also = [], evidence, weaker } = row;
  return [
    ...headLines(row, situation, paint, width),
    ...indented(did, width, 6),
    ...indented(foundText(row), width, 6),
    ...proofLines(row, full ? evidence.length : EVIDENCE_SHOWN, width),
    ...also.flatMap((other) => indented(`also ${other}`, width, 6)),
    ...(weaker === undefined ? [] : indented(weaker, width, 6)),
  ];
}

/** A row with the same fault as the one above it. */
function briefRowLines(row: RowResult, paint: Paint, width: number): string[] {
  return headLines(row, `${row.reason}${row.weaker === undefined ? '' : ` ${row.weaker}`}`, paint, width);
}

function headLines({ id, verdict }: RowResult, text: string, paint: Paint, width: number): string[] {
  const mark = `${MARKS[verdict]} `;
  return indented(`${id}: ${text}`, width, 2, mark).map((line) =>
    line.replace(`${mark}${id}`, colourOf(verdict, paint)),
  );
}

/** Names of rows that passed beside others that did not. */
const MOST_NAMES = 8;

/** Returns the names of rows that passed; beside many that did not, only how many. */
function passedLines(passed: readonly RowResult[], hasWrong: boolean, paint: Paint, width: number): string[] {
  if (!hasWrong || passed.length <= MOST_NAMES) return nameLines(passed, 'passed', paint.good, width);
  return [`  ${paint.good(MARKS.pass)} ${counted(passed.length, 'row')} passed (--full lists them)`];
}

function nameLines(
  rows: readonly RowResult[],
  label: string,
  paint: (text: string) => string,
  width: number,
  mark = MARKS.pass,
): string[] {
  if (rows.length === 0) return [];
  const names = rows.map(({ id, weaker }) => (weaker === undefined ? id : `${id}*`)).join(', ');
  const lines = indented(`${label}: ${names}`, width, 2, `${mark} `).map((line) => line.replace(label, paint));
  const weak = rows.filter(({ weaker }) => weaker !== undefined);
  return weak.length === 0 ? lines : [...lines, ...indented(`* ${weak[0]!.weaker}`, width, 4)];
}

/** Rows that cannot arise for this client: by reason, or only their names. */
function leftOutLines(rows: readonly RowResult[], paint: Paint, width: number, full: boolean): string[] {
  const leftOut = rows.filter(({ verdict }) => verdict === 'not-applicable');
  if (leftOut.length === 0) return [];
  const names = (group: readonly RowResult[]): string => group.map(({ id }) => id).join(', ');
  if (!full) return indented(`left out (--full says why): ${names(leftOut)}`, width, 2, '– ').map(paint.quiet);
  return [...Map.groupBy(leftOut, ({ reason }) => reason)].flatMap(([reason, group]) =>
    indented(`${names(group)}: ${reason}`, width, 2, '– ').map(paint.quiet),
  );
}

/** Returns the result of a check: which rows failed, or got worse than the table that was kept, and the counts. */
export function checkResult(table: CheckTable, comparison: BaselineComparison | undefined): Result {
  const rows = worstFirst(table.rows);
  const { fail, warn, undecided, pass, 'not-applicable': leftOut } = countRows(rows);
  const parts = [
    ...(fail > 0 ? [`${fail} failed`] : []),
    ...(warn > 0 ? [`${warn} warned`] : []),
    ...(undecided > 0 ? [`${undecided} undecided`] : []),
    `${pass} passed`,
    ...(leftOut > 0 ? [`${leftOut} left out`] : []),
  ];
  const facts = [`${parts.join(', ')} of ${rows.length}`, `seed ${table.seed}`];
  if (comparison) {
    const { worse, unknown, passed } = comparison;
    const because = [
      ...worse.map(({ id, before, now }) => `${id} (${before} → ${now})`),
      ...unknown.map((id) => `${id} is not in the baseline`),
    ];
    return {
      outcome: passed ? 'PASSED' : 'FAILED',
      because: passed ? ['no row is worse than the baseline'] : because,
      facts,
    };
  }
  const failed = rows.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
  if (failed.length > 0) return { outcome: 'FAILED', because: failed, facts };
  return { outcome: pass + warn === 0 ? 'UNDECIDED' : 'PASSED', because: [], facts };
}

function comparisonLines(
  { worse, better, unknown, passed }: BaselineComparison,
  paint: Paint,
  width: number,
): string[] {
  const list = (changes: readonly RowChange[]): string =>
    changes.map(({ id, before, now }) => `${id} (${before} → ${now})`).join(', ');
  return [
    '',
    ...(worse.length > 0 ? indented(paint.bad(`worse than the baseline: ${list(worse)}`), width, 2) : []),
    ...(unknown.length > 0 ? indented(paint.bad(`not in the baseline: ${unknown.join(', ')}`), width, 2) : []),
    ...(better.length > 0
      ? indented(`better than the baseline: ${list(better)}; --update-baseline keeps this`, width, 2)
      : []),
    ...(passed ? ['  no row is worse than the baseline'] : []),
  ];
}
