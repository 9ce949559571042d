import type { Comparison } from '../../comparison/compare.ts';
import type { FigureChange } from '../../comparison/compare-figure.ts';
import type { ThresholdChange, VerdictChange } from '../../comparison/compare-outcomes.ts';
import type { FirstDifference } from '../../comparison/first-difference.ts';
import { changeWords, figureSentence, shownChange, shownFigure } from '../figure-change.ts';
import { certaintyNotes } from './certainty-lines.ts';
import { type Paint, paintFor } from './paint.ts';
import { tableLines } from './table-lines.ts';
import { indented } from './wrap.ts';

/** What is told of a comparison beside what was computed. */
export interface ComparisonTold {
  /** What the user named. */
  readonly base: string;
  readonly candidate: string;
  /** Where both sides have a journal. */
  readonly first?: FirstDifference;
}

/** A comparison for people: what got worse by more than was allowed, all figures, verdicts, thresholds, and how sure it is. */
export function comparisonSummary(
  comparison: Comparison,
  told: ComparisonTold,
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const paint = paintFor(color);
  const columns = Math.max(80, width);
  const { figures, verdicts, thresholds, regressions } = comparison;
  const sentences = (wanted: readonly FigureChange[], mark: string): string[] =>
    wanted.flatMap((figure) => indented(figureSentence(figure), columns, 4, mark));
  const blocks = [
    headLines(comparison, told, paint, columns),
    block(
      'WORSE THAN ALLOWED',
      sentences(
        figures.filter(({ regression }) => regression),
        '✗ ',
      ),
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
    block('FIGURES', figureLines(figures, paint, columns), undefined, paint),
    block(
      'VERDICTS',
      verdicts.flatMap((change) => verdictLines(change, paint, columns)),
      undefined,
      paint,
    ),
    block(
      'THRESHOLDS',
      thresholds.map((change) => thresholdLine(change, paint)),
      undefined,
      paint,
    ),
    block('HOW SURE THIS IS', noteLines(comparison, told, columns), undefined, paint),
    [`  ${outcome(regressions, paint)}`],
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
  told: ComparisonTold,
  paint: Paint,
  width: number,
): string[] {
  const side = (name: string, file: string, seeds: readonly number[]): string[] =>
    indented(`${file}: ${seedWords(seeds)}`, width, 4, name.padEnd(11));
  return [
    `  ${paint.strong(scenario)}  ${paint.quiet(`${time} time`)}`,
    ...side('base', told.base, base.seeds),
    ...side('candidate', told.candidate, candidate.seeds),
  ];
}

function seedWords(seeds: readonly number[]): string {
  const [first, last] = [seeds[0]!, seeds.at(-1)!];
  if (seeds.length === 1) return `seed ${first}`;
  return last - first === seeds.length - 1 ? `seeds ${first} to ${last}` : `seeds ${seeds.join(', ')}`;
}

/** What changed, line by line; what did not, in one line for all. */
function figureLines(figures: readonly FigureChange[], paint: Paint, width: number): string[] {
  const changed = figures.filter(({ certainty }) => certainty !== 'same');
  const same = figures.filter(({ certainty }) => certainty === 'same').map(({ name }) => name);
  const rows = tableLines([
    ['', 'base', 'candidate', 'change'],
    ...changed.map((figure) => [
      `${markOf(figure)} ${figure.name}`,
      shownFigure(figure, figure.base),
      shownFigure(figure, figure.candidate),
      shownChange(figure),
    ]),
  ]);
  const [head, ...lines] = rows;
  const across = Math.max(...rows.map(({ length }) => length));
  return [
    ...(changed.length === 0 ? [] : [`    ${head}`]),
    ...lines.map((line, index) => {
      const text = `    ${line.padEnd(across)}  ${changeWords(changed[index]!)}`.trimEnd();
      return colourOf(changed[index]!, paint)(text);
    }),
    ...sameLines(same, width).map(paint.quiet),
  ];
}

/** A name and its percentile stay on one line. */
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

function verdictLines(change: VerdictChange, paint: Paint, width: number): string[] {
  const { id, severity, base, candidate, baseSeeds, candidateSeeds, went, reason, regression } = change;
  const of = (outcome: string, [count, all]: readonly [number, number]): string =>
    count === all ? outcome : `${outcome} (${count} of ${all} seeds)`;
  const mark = regression ? '✗' : went === 'gained' ? '✓' : went === 'lost' ? '!' : '·';
  const colour = regression ? paint.bad : went === 'gained' ? paint.good : went === 'lost' ? paint.doubt : paint.quiet;
  const counts = went === 'lost' && severity === 'warn' ? ' (does not fail)' : '';
  const text = `${id}: ${of(base, baseSeeds)} → ${of(candidate, candidateSeeds)}${counts}`;
  return [
    ...indented(text, width, 4, `${mark} `).map(colour),
    ...(reason === undefined || went === 'other' ? [] : indented(reason, width, 6)),
  ];
}

function thresholdLine({ threshold, base, candidate, regression, went }: ThresholdChange, paint: Paint): string {
  const mark = regression ? '✗' : went === 'gained' ? '✓' : '·';
  const colour = regression ? paint.bad : went === 'gained' ? paint.good : paint.quiet;
  return colour(`    ${mark} ${threshold}: ${base} → ${candidate}`);
}

function noteLines(comparison: Comparison, { first }: ComparisonTold, width: number): string[] {
  const parting =
    first === undefined
      ? []
      : [
          `First that differs, at ${first.atUs / 1e6}s with seed ${first.seed}${first.of === 'content' ? ' and only in what is sent' : ''}:`,
        ];
  return [
    ...certaintyNotes(comparison).flatMap((note) => indented(note, width, 4)),
    ...parting.flatMap((line) => indented(line, width, 4)),
    ...(first
      ? [...indented(first.base, width, 6, 'base       '), ...indented(first.candidate, width, 6, 'candidate  ')]
      : []),
  ];
}

function outcome(regressions: readonly string[], paint: Paint): string {
  if (regressions.length === 0) return paint.good('no regression');
  return paint.bad(regressions.length === 1 ? '1 regression' : `${regressions.length} regressions`);
}
