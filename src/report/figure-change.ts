import type { FigureChange } from '../comparison/compare-figure.ts';
import { formatFigure, round } from './format.ts';

/** Formats a figure of a comparison in its unit. */
export function formatFigureValue({ unit }: Pick<FigureChange, 'unit'>, value: number | null): string {
  if (value === null) return 'no data';
  return unit === 'ms' ? formatFigure(value * 1000, 'us') : formatFigure(value, unit);
}

/** Formats a change with its sign: percentage points for shares, per cent of the base, or absolute if the base is 0. */
export function formatChange({ unit, change, share }: FigureChange): string {
  if (change === null) return '';
  if (change === 0) return '0';
  if (unit === 'share') return signed(change, `${formatMagnitude(Math.abs(change) * 100)}pp`);
  if (share === null) return signed(change, formatFigureValue({ unit }, Math.abs(change)));
  return signed(change, `${formatMagnitude(Math.abs(share) * 100)}%`);
}

function signed(value: number, text: string): string {
  return `${value < 0 ? '-' : '+'}${text}`;
}

/** Keeps more digits of small values, so that a change never shows as 0. */
function formatMagnitude(value: number): string {
  if (value === 0) return '0';
  if (value >= 10) return String(Math.round(value));
  return value >= 0.1
    ? String(Number(value.toFixed(1)))
    : value >= 0.001
      ? String(Number(value.toPrecision(1)))
      : '<0.001';
}

/** Returns whether a change is real, in a few words for a table. */
export function describeChange(figure: FigureChange): string {
  if (figure.certainty === 'chance') return 'could be chance';
  if (figure.certainty === 'one-sided') return `only the ${figure.base === null ? 'candidate' : 'base'} has it`;
  const isUp = (figure.change ?? 0) > 0;
  const cost = figure.better === 'cost' ? (isUp ? 'costs more' : 'costs less') : '';
  return [describeRealChange(figure, isUp ? 'higher' : 'lower'), cost].filter((words) => words !== '').join(', ');
}

function describeRealChange({ certainty, test }: FigureChange, direction: string): string {
  if (certainty !== 'real') return '';
  return Math.abs(test!.delta) === 1
    ? `real: every seed ${direction}`
    : `real: ${direction} in ${formatPairShare(test!.delta)}`;
}

/** Formats Cliff's delta as the share of pairs that agree with its sign; ties count half. */
function formatPairShare(delta: number): string {
  return `${Math.round(((1 + Math.abs(delta)) / 2) * 100)}%`;
}

/** Describes a change and its certainty in one or two sentences. */
export function describeFigureChange(figure: FigureChange): string {
  const { name, unit, base, candidate, change, allowed, certainty } = figure;
  const [direction, size] = [change! > 0 ? 'more' : 'less', formatFigureValue({ unit }, Math.abs(change!))];
  const by = unit === 'share' ? `${formatChange(figure)}` : `${size} ${direction}`;
  const what = `${name}: ${formatFigureValue(figure, base)} → ${formatFigureValue(figure, candidate)}, ${by}${formatInterval(figure)}; allowed: ${allowed}.`;
  return `${what}${certainty === 'real' || certainty === 'chance' ? ` ${describeCertainty(figure)}` : ''}`;
}

function formatInterval({ test, unit }: FigureChange): string {
  const { interval } = test ?? {};
  if (!interval) return '';
  const [low, high] = [interval.low, interval.high].map((bound) =>
    signed(
      bound,
      unit === 'share' ? `${formatMagnitude(Math.abs(bound) * 100)}pp` : formatFigureValue({ unit }, Math.abs(bound)),
    ),
  );
  return ` (${Math.round(interval.confidence * 100)}% interval ${low} to ${high})`;
}

function describeCertainty({ unit, change, certainty, test }: FigureChange): string {
  const { method, p, delta } = test!;
  const direction = unit === 'ms' ? (change! > 0 ? 'slower' : 'faster') : change! > 0 ? 'higher' : 'lower';
  const by = `${method === 'pairs' ? 'seed by seed' : 'Mann-Whitney'}, p = ${formatP(p)}, Cliff's delta ${round(delta)}`;
  if (certainty === 'chance') return `Could be chance (${by}): use more seeds.`;
  const every = `every seed of the candidate is ${direction}${method === 'pairs' ? ' than the same seed of the base' : ''}`;
  return Math.abs(delta) === 1
    ? `Real: ${every} (${by}).`
    : `Real: ${direction} in ${formatPairShare(delta)} of all pairs of seeds (${by}).`;
}

function formatP(p: number): string {
  return p < 0.0005 ? '< 0.0005' : String(Number(p.toPrecision(1)));
}
