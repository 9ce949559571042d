import type { Verdict } from '../../analysis/judging/verdict.ts';
import { metricUnit } from '../../analysis/metrics/metrics.ts';
import { parseExpression, type ThresholdExpression } from '../../analysis/metrics/threshold-expression.ts';
import type { ThresholdResult } from '../../analysis/metrics/thresholds.ts';
import { formatMetric, percent, round } from '../format.ts';
import { type Paint, paintFor } from './paint.ts';
import { formatObserved } from './threshold-lines.ts';
import { formatVerdictFigure } from './verdict-lines.ts';
import { columnsOf, indented } from './wrap.ts';

/** How a command ended. `NOT TESTED`: nothing went wrong, and nothing could. `DONE`: nothing was judged. */
export type Outcome = 'PASSED' | 'FAILED' | 'PARTIAL' | 'UNDECIDED' | 'NOT TESTED' | 'DONE';

/** The result of a command, as its last line says it. */
export interface Result {
  readonly outcome: Outcome;
  /** What decided it, the most important first; beyond three, the rest is only counted. */
  readonly because: readonly string[];
  /** What else one must know, each a few words, e.g. `seed 1`. */
  readonly facts?: readonly string[];
}

/** Further reasons are only counted. */
const REASONS_SHOWN = 3;

/**
 * Returns the last line of a command, wrapped to the width: `FAILED amplifies-load 3.1 attempts per call (≤ 3) · seed 1 ·
 * open reports/x/report.html`. `open`: the path that the user opens next.
 */
export function resultLine(
  { outcome, because, facts = [] }: Result,
  { color, width, open }: { readonly color: boolean; readonly width: number; readonly open?: string | undefined },
): string {
  const more = because.length - REASONS_SHOWN;
  const reasons = `${because.slice(0, REASONS_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const [fact = '', ...moreFacts] = facts;
  const said = reasons === '' ? [`${outcome} ${fact}`, ...moreFacts] : [`${outcome} ${reasons}`, ...facts];
  const parts = [...said, ...(open === undefined ? [] : [`open ${open}`])];
  // A part is not torn where it fits on a line of its own.
  const [first = '', ...others] = parts;
  const text = [first, ...others.map((part) => (part.length < width - 4 ? part.replaceAll(' ', '\u00a0') : part))].join(
    ' · ',
  );
  const lines = indented(text, columnsOf(width), 4).map((line) => line.replaceAll('\u00a0', ' '));
  const paint = paintOf(outcome, paintFor(color));
  return `${lines.join('\n').replace(/^ {4}/, '  ').replace(outcome, paint)}\n`;
}

function paintOf(outcome: Outcome, paint: Paint): (text: string) => string {
  if (outcome === 'PASSED' || outcome === 'DONE') return paint.good;
  return outcome === 'FAILED' ? paint.bad : paint.doubt;
}

/** Returns which of the written files to open: the page of the report, otherwise their folder. Paths as the user types them. */
export function pathToOpen(paths: readonly string[]): string | undefined {
  const page = paths.find((path) => path.endsWith('.html'));
  const [first] = paths;
  return page ?? first?.slice(0, first.lastIndexOf('/') + 1);
}

/** Returns a verdict that fails or warns in a few words: `amplifies-load 3.1 attempts per call (≤ 3)`. */
export function verdictText(verdict: Verdict): string {
  const { id, status, severity, severitySource, figure: value, unit } = verdict;
  const figure = formatVerdictFigure({ figure: value, unit }).replace(/^, /, '');
  if (status === 'not-applicable') return `${id} required, but its situation did not arise`;
  if (status === 'inconclusive')
    return severity === 'error' && severitySource === 'scenario'
      ? `${id} required, but not decided`
      : `${id} not decided`;
  return [id, figure, boundText(verdict)].filter((part) => part !== '').join(' ');
}

/** Returns the bound of a verdict if its figure is above it: one that fails by another rule is not explained by it. */
function boundText({ figure, status, threshold, unit }: Verdict): string {
  const [, written, sign] =
    new RegExp(`${status === 'warn' ? 'warn' : 'fail'} > ([\\d.]+)( ?%)?`).exec(threshold) ?? [];
  if (written === undefined || figure === null) return '';
  const bound = sign === undefined ? Number(written) : Number(written) / 100;
  if (figure <= bound || unit.startsWith('share') !== (sign !== undefined)) return '';
  return `(≤ ${written}${sign === undefined ? '' : '%'})`;
}

/** Returns a threshold with its observed value in a few words: `call_failed 7.8% (< 1%)`. */
export function thresholdText(result: ThresholdResult): string {
  const { metric, expression } = result;
  const parsed = parseExpression(expression);
  if (!parsed) return `${metric} ${formatObserved(result)} (${expression})`;
  const { aggregation, operator, bound } = parsed;
  const name = aggregation.name === 'p' ? `p(${aggregation.percent})` : aggregation.name;
  const which = name === 'rate' || name === 'value' || name === 'count' ? metric : `${metric} ${name}`;
  return `${which} ${formatObserved(result)} (${operator} ${formatBound(metric, bound)})`;
}

function formatBound(metric: string, { kind, value }: ThresholdExpression['bound']): string {
  const unit = metricUnit(metric);
  if (unit === 'us') return formatMetric(kind === 'number' ? value * 1000 : value);
  return unit === 'share' ? percent(value) : round(value);
}
