import type { Verdict } from '../../analysis/judging/verdict.ts';
import { type Seeded, spreadOf, verdictSpread } from '../../analysis/spread.ts';
import { formatFigure } from '../format.ts';
import { type Paint, paintFor } from './paint.ts';
import { tableLines } from './table-lines.ts';
import { verdictLines } from './verdict-lines.ts';

/** How runs of one scenario with several seeds differ: figures, verdicts, and the seeds that failed. */
export function spreadSummary(
  name: string,
  seeds: readonly Seeded[],
  judged: readonly Verdict[],
  color: boolean,
  width = 100,
): string {
  const paint = paintFor(color);
  const figures = spreadOf(seeds).map((spread) => [
    spread.name,
    ...[spread.min, spread.median, spread.max].map((value) => formatFigure(value, spread.unit)),
  ]);
  const verdicts = verdictSpread(seeds)
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
    ...tableLines([['', 'least', 'median', 'most'], ...figures]).map((line) => `    ${line}`),
    '',
    ...tableLines(verdicts).map((line) => `    ${line}`),
    ...agreedLines(judged, paint, width),
    '',
    `  ${outcome}`,
    '',
  ].join('\n');
}

/** What the seeds together prove, in full. */
function agreedLines(judged: readonly Verdict[], paint: Paint, width: number): string[] {
  const wrong = judged.filter(({ status }) => status === 'fail');
  return wrong.length === 0 ? [] : ['', ...verdictLines({ verdicts: wrong }, paint, width)];
}
