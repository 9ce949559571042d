import type { Comparison } from '../../comparison/compare.ts';
import type { FigureChange } from '../../comparison/compare-figure.ts';
import type { ThresholdChange, VerdictChange } from '../../comparison/compare-outcomes.ts';
import type { FirstDifference } from '../../comparison/first-difference.ts';
import { describeChange, describeFigureChange, formatChange, formatFigureValue } from '../figure-change.ts';
import { counted, formatMetric } from '../format.ts';
import { certaintyNotes } from './certainty-lines.ts';
import { type Paint, paintFor } from './paint.ts';
import { tableLines } from './table-lines.ts';
import { columnsOf, indented } from './wrap.ts';

/** Where the two sides of a comparison come from, and where they first differ. */
export interface ComparisonSources {
  /** As the user named them. */
  readonly base: string;
  readonly candidate: string;
  /** Set if both sides have a journal. */
  readonly first?: FirstDifference;
}

/** Returns a comparison as text: regressions, all figures, verdicts, thresholds, and the certainty. */
export function comparisonSummary(
  comparison: Comparison,
  sources: ComparisonSources,
  { color, width, full = false }: { readonly color: boolean; readonly width: number; readonly full?: boolean },
): string {
  const paint = paintFor(color);
  const columns = columnsOf(width);
  const { figures, verdicts, thresholds } = comparison;
  const worse = figures.filter(({ regression }) => regression);
  const sentences = (shown: readonly FigureChange[], mark: string): string[] =>
    shown.flatMap((figure) => indented(describeFigureChange(figure), columns, 4, mark));
  const blocks = [
    headLines(comparison, sources, paint, columns),
    block(
      'WORSE THAN ALLOWED',
      [...sentences(full ? worse : worse.slice(0, MOST_OUTCOMES), '✗ '), ...cutLine(worse, full)],
      paint.bad,
      paint,
    ),
    block(
      'UNDECIDED',
      sentences(
        figures.filter(({ beyond, certainty }) => beyond && certainty === 'chance'),
        '? ',
      ),
      paint.doubt,
      paint,
    ),
    block('FIGURES', figureLines(figures, paint, columns, full), undefined, paint),
    block(
      'VERDICTS',
      [
        ...cut(verdicts, full).flatMap((change) => verdictLines(change, paint, columns, full)),
        ...cutLine(verdicts, full),
      ],
      undefined,
      paint,
    ),
    block(
      'THRESHOLDS',
      cut(thresholds, full).map((change) => thresholdLine(change, paint)),
      undefined,
      paint,
    ),
    block(
      'HOW SURE THIS IS',
      noteLines(comparison, sources, columns, full || isOfSingleRuns(comparison)),
      undefined,
      paint,
    ),
  ];
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n\n`;
}

function block(
  title: string,
  lines: readonly string[],
  colour: ((text: string) => string) | undefined,
  paint: Paint,
): string[] {
  return lines.length === 0 ? [] : [`  ${paint.strong(title)}`, ...(colour ? lines.map(colour) : lines)];
}

function headLines(
  { scenario, time, base, candidate }: Comparison,
  sources: ComparisonSources,
  paint: Paint,
  width: number,
): string[] {
  const side = (name: string, file: string, seeds: readonly number[]): string[] =>
    indented(`${file}: ${seedWords(seeds)}`, width, 4, name.padEnd(11));
  return [
    `  ${paint.strong(scenario)}  ${paint.quiet(`${time} time`)}`,
    ...side('base', sources.base, base.seeds),
    ...side('candidate', sources.candidate, candidate.seeds),
  ];
}

function seedWords(seeds: readonly number[]): string {
  const [first, last] = [seeds[0]!, seeds.at(-1)!];
  if (seeds.length === 1) return `seed ${first}`;
  return last - first === seeds.length - 1 ? `seeds ${first} to ${last}` : `seeds ${seeds.join(', ')}`;
}

/** Changes that are shown of one kind. */
const MOST_FIGURES = 6;
const MOST_OUTCOMES = 3;

/** Returns the changes of verdicts or thresholds that are shown: regressions first, then what was lost or gained. */
function cut<Change extends { readonly regression: boolean; readonly went: VerdictChange['went'] }>(
  changes: readonly Change[],
  full: boolean,
): readonly Change[] {
  if (full) return changes;
  const rank = ({ regression, went }: Change): number => (regression ? 0 : went === 'other' ? 2 : 1);
  return [...changes].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_OUTCOMES);
}

/** Returns a line for the changes that are not shown. */
function cutLine(changes: readonly unknown[], full: boolean): string[] {
  const more = full ? 0 : changes.length - MOST_OUTCOMES;
  return more > 0 ? [`    … and ${counted(more, 'more change')} (--full shows all)`] : [];
}

/** Returns a line per changed figure, regressions first, and one for all unchanged figures. */
function figureLines(figures: readonly FigureChange[], paint: Paint, width: number, full: boolean): string[] {
  const all = figures.filter(({ certainty }) => certainty !== 'same');
  const ranked = [...all].sort(
    (a, b) => Number(b.regression) - Number(a.regression) || Number(b.beyond) - Number(a.beyond),
  );
  const changed = full ? all : ranked.slice(0, MOST_FIGURES);
  const more = all.length - changed.length;
  const same = figures.filter(({ certainty }) => certainty === 'same').map(({ name }) => name);
  const rows = tableLines([
    ['', 'base', 'candidate', 'change'],
    ...changed.map((figure) => [
      `${markOf(figure)} ${figure.name}`,
      formatFigureValue(figure, figure.base),
      formatFigureValue(figure, figure.candidate),
      formatChange(figure),
    ]),
  ]);
  const [head, ...lines] = rows;
  const across = Math.max(...rows.map(({ length }) => length));
  return [
    ...(changed.length === 0 ? [] : [`    ${head}`]),
    ...lines.map((line, index) => {
      const said = `    ${line.padEnd(across)}  ${describeChange(changed[index]!)}`.trimEnd();
      const text = said.length <= width ? said : `    ${line}`;
      return colourOf(changed[index]!, paint)(text);
    }),
    ...(more > 0 ? [paint.quiet(`    … and ${counted(more, 'more change')} (--full shows all)`)] : []),
    ...(full ? sameLines(same, width) : sameCount(same.length)).map(paint.quiet),
  ];
}

function sameCount(count: number): string[] {
  return count === 0 ? [] : [`    = ${counted(count, 'figure')} ${count === 1 ? 'is' : 'are'} the same`];
}

/** Keeps a name and its percentile on one line. */
function sameLines(names: readonly string[], width: number): string[] {
  if (names.length === 0) return [];
  const bound = names.map((name) => name.replace(' ', '\u00a0')).join(', ');
  return indented(`the same: ${bound}`, width, 4, '= ').map((line) => line.replaceAll('\u00a0', ' '));
}

function markOf({ regression, certainty, went }: FigureChange): string {
  if (regression) return '✗';
  if (certainty === 'chance') return '?';
  return went === 'better' ? '✓' : went === 'worse' ? '!' : '·';
}

function colourOf(figure: FigureChange, paint: Paint): (text: string) => string {
  const colours: Readonly<Record<string, (text: string) => string>> = {
    '✗': paint.bad,
    '✓': paint.good,
    '!': paint.doubt,
  };
  return colours[markOf(figure)] ?? ((text) => text);
}

function verdictLines(change: VerdictChange, paint: Paint, width: number, full: boolean): string[] {
  const { id, severity, base, candidate, baseSeeds, candidateSeeds, went, reason, regression } = change;
  const of = (outcome: string, [count, all]: readonly [number, number]): string =>
    count === all ? outcome : `${outcome} (${count} of ${all} seeds)`;
  const mark = regression ? '✗' : went === 'gained' ? '✓' : went === 'lost' ? '!' : '·';
  const colour = regression ? paint.bad : went === 'gained' ? paint.good : went === 'lost' ? paint.doubt : paint.quiet;
  const counts = went === 'lost' && severity === 'warn' ? ' (does not fail)' : '';
  const text = `${id}: ${of(base, baseSeeds)} → ${of(candidate, candidateSeeds)}${counts}`;
  return [
    ...indented(text, width, 4, `${mark} `).map(colour),
    ...(reason === undefined || went === 'other' || !(regression || full) ? [] : indented(reason, width, 6)),
  ];
}

function thresholdLine({ threshold, base, candidate, regression, went }: ThresholdChange, paint: Paint): string {
  const mark = regression ? '✗' : went === 'gained' ? '✓' : '·';
  const colour = regression ? paint.bad : went === 'gained' ? paint.good : paint.quiet;
  return colour(`    ${mark} ${threshold}: ${base} → ${candidate}`);
}

/** Of two single runs, the first difference is the proof; of several seeds it is a detail. */
const isOfSingleRuns = ({ base, candidate }: Comparison): boolean =>
  base.seeds.length === 1 && candidate.seeds.length === 1;

function noteLines(
  comparison: Comparison,
  { first: firstDifference }: ComparisonSources,
  width: number,
  full: boolean,
): string[] {
  const difference =
    firstDifference === undefined
      ? []
      : [
          `First difference, at ${formatMetric(firstDifference.atUs)} with seed ${firstDifference.seed}${firstDifference.of === 'content' ? ' (request content only)' : ''}${full ? ':' : ' (--full shows it)'}`,
        ];
  return [
    ...certaintyNotes(comparison).flatMap((note) => indented(note, width, 4)),
    ...difference.flatMap((line) => indented(line, width, 4)),
    ...(firstDifference && full
      ? [
          ...indented(firstDifference.base, width, 6, 'base       '),
          ...indented(firstDifference.candidate, width, 6, 'candidate  '),
        ]
      : []),
  ];
}
