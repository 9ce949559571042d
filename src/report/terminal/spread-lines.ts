import type { Verdict } from '../../analysis/judging/verdict.ts';
import { isFailure } from '../../analysis/pass-rule.ts';
import type { SeedResult, SeedSpread } from '../../analysis/spread.ts';
import { formatFigure } from '../format.ts';
import { type Paint, paintFor } from './paint.ts';
import { tableLines } from './table-lines.ts';
import type { TerminalOptions } from './terminal.ts';
import { verdictLines } from './verdict-lines.ts';

/** Returns the spread of several seeds of one scenario: figures, verdicts, and the seeds that failed. */
export function spreadSummary(
  name: string,
  seeds: readonly SeedResult[],
  spread: SeedSpread,
  judged: readonly Verdict[],
  { color, width }: Pick<TerminalOptions, 'color' | 'width'>,
): string {
  const paint = paintFor(color);
  const figures = spread.figures.map(({ name, unit, min, median, max }) => [
    name,
    ...[min, median, max].map((value) => formatFigure(value, unit)),
  ]);
  const verdicts = spread.verdicts
    .filter(({ counts }) => counts['not-applicable'] !== seeds.length)
    .map(({ id, counts }) => [
      id,
      Object.entries(counts)
        .map(([status, count]) => `${status} ${count}`)
        .join(', '),
    ]);
  const failed = seeds.filter(({ ok }) => !ok).map(({ seed }) => seed);
  const outcome =
    failed.length === 0
      ? paint.good(`all ${seeds.length} seeds passed`)
      : paint.bad(`${failed.length} of ${seeds.length} seeds failed: ${failed.join(', ')}`);
  const first = seeds[0]?.seed ?? 0;
  return [
    '',
    `  ${paint.strong(name)}  ${paint.quiet(`seeds ${first} to ${first + seeds.length - 1}`)}`,
    '',
    ...tableLines([['', 'min', 'median', 'max'], ...figures]).map((line) => `    ${line}`),
    '',
    ...tableLines(verdicts).map((line) => `    ${line}`),
    ...failedVerdictLines(judged, paint, width),
    '',
    `  ${outcome}`,
    '',
  ].join('\n');
}

/** Returns the verdicts that fail over all seeds, or that the scenario requires and no seed decided, in full. */
function failedVerdictLines(judged: readonly Verdict[], paint: Paint, width: number): string[] {
  const wrong = judged.filter((verdict) => verdict.status === 'fail' || isFailure(verdict));
  return wrong.length === 0 ? [] : ['', ...verdictLines({ verdicts: wrong }, paint, width, { full: true })];
}
