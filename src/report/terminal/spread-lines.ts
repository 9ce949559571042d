import type { Verdict } from '../../analysis/judging/verdict.ts';
import { isFailure, type Leniency } from '../../analysis/pass-rule.ts';
import type { SeedResult, SeedSpread } from '../../analysis/spread.ts';
import { counted, formatFigure } from '../format.ts';
import { failedVerdictLines } from './brief-verdicts.ts';
import { type Paint, paintFor } from './paint.ts';
import { type Result, thresholdText, verdictText } from './result-line.ts';
import { tableLines } from './table-lines.ts';
import type { TerminalOptions } from './terminal.ts';
import { verdictLines } from './verdict-lines.ts';
import { columnsOf } from './wrap.ts';

/** Verdicts and lines about those that fail that are shown. */
const MOST_VERDICTS = 4;
const MOST_WRONG = 5;

/** Returns the spread of several seeds of one scenario: figures, verdicts, and the seeds that failed. */
export function spreadSummary(
  name: string,
  seeds: readonly SeedResult[],
  spread: SeedSpread,
  judged: readonly Verdict[],
  { color, width, full = false }: Pick<TerminalOptions, 'color' | 'width'> & { readonly full?: boolean },
): string {
  const paint = paintFor(color);
  const figures = spread.figures.map(({ name, unit, min, median, max }) => [
    name,
    ...[min, median, max].map((value) => formatFigure(value, unit)),
  ]);
  const met = spread.verdicts.filter(({ counts }) => counts['not-applicable'] !== seeds.length);
  const told = full ? met : met.filter(({ counts }) => counts.pass !== seeds.length).slice(0, MOST_VERDICTS);
  const verdicts = told.map(({ id, counts }) => [
    id,
    Object.entries(counts)
      .map(([status, count]) => `${status} ${count}`)
      .join(', '),
  ]);
  const others = met.length - told.length;
  const first = seeds[0]?.seed ?? 0;
  return [
    '',
    `  ${paint.strong(name)}  ${paint.quiet(`seeds ${first} to ${first + seeds.length - 1}`)}`,
    '',
    ...tableLines([['', 'min', 'median', 'max'], ...figures]).map((line) => `    ${line}`),
    '',
    ...tableLines(verdicts).map((line) => `    ${line}`),
    ...(others > 0 ? [paint.quiet(`    … and ${counted(others, 'more verdict')} (--full shows all)`)] : []),
    ...wrongLines(judged, paint, columnsOf(width), full),
    '',
    '',
  ].join('\n');
}

/** Returns the result of several seeds: which failed, and by what. `judged`: the verdicts over all seeds. */
export function spreadResult(seeds: readonly SeedResult[], judged: readonly Verdict[], leniency: Leniency): Result {
  const failed = seeds.filter(({ ok }) => !ok);
  const wrong = judged.filter((verdict) => isFailure(verdict, leniency)).map(verdictText);
  const missed = seeds.flatMap(({ analysis }) => analysis.thresholds.filter(({ ok }) => !ok));
  const byName = Map.groupBy(missed, ({ metric, expression }) => `${metric} ${expression}`);
  const worst = [...byName.values()].map(([first]) => thresholdText(first!));
  if (failed.length + wrong.length === 0) return { outcome: 'PASSED', because: [`all ${seeds.length} seeds`] };
  const which = `${failed.length} of ${seeds.length} seeds (${failed.map(({ seed }) => seed).join(', ')})`;
  return { outcome: 'FAILED', because: [...(failed.length > 0 ? [which] : []), ...wrong, ...worst] };
}

/** Returns the verdicts that fail over all seeds, or that the scenario requires and no seed decided. */
function wrongLines(judged: readonly Verdict[], paint: Paint, width: number, full: boolean): string[] {
  const wrong = judged.filter((verdict) => verdict.status === 'fail' || isFailure(verdict));
  if (wrong.length === 0) return [];
  return [
    '',
    ...(full
      ? verdictLines({ verdicts: wrong }, paint, width, { full })
      : failedVerdictLines(wrong, paint, width, MOST_WRONG)),
  ];
}
