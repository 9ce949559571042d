import type { FigureChange } from '../comparison/compare-figure.ts';
import { formatFigure, round } from './format.ts';

/** A figure in its unit. */
export function shownFigure({ unit }: Pick<FigureChange, 'unit'>, value: number | null): string {
  if (value === null) return 'no data';
  return unit === 'ms' ? formatFigure(value * 1000, 'us') : formatFigure(value, unit);
}

/** A change with its sign: in points for shares, in per cent of the base, or as it is where the base is 0. */
export function shownChange({ unit, change, share }: FigureChange): string {
  if (change === null) return '';
  if (change === 0) return '0';
  if (unit === 'share') return signed(change, `${tidy(Math.abs(change) * 100)}pp`);
  if (share === null) return signed(change, shownFigure({ unit }, Math.abs(change)));
  return signed(change, `${tidy(Math.abs(share) * 100)}%`);
}

function signed(value: number, text: string): string {
  return `${value < 0 ? '-' : '+'}${text}`;
}

/** A digit more for what is small, so that a change never reads as none. */
function tidy(value: number): string {
  if (value === 0) return '0';
  if (value >= 10) return String(Math.round(value));
  return value >= 0.1
    ? String(Number(value.toFixed(1)))
    : value >= 0.001
      ? String(Number(value.toPrecision(1)))
      : '<0.001';
}

/** Whether a change is real, in a few words for a table. */
export function changeWords(figure: FigureChange): string {
  if (figure.certainty === 'chance') return 'could be chance';
  if (figure.certainty === 'one-sided') return `only the ${figure.base === null ? 'candidate' : 'base'} has it`;
  const isUp = (figure.change ?? 0) > 0;
  const cost = figure.better === 'cost' ? (isUp ? 'costs more' : 'costs less') : '';
  return [realWords(figure, isUp ? 'higher' : 'lower'), cost].filter((words) => words !== '').join(', ');
}

function realWords({ certainty, test }: FigureChange, way: string): string {
  if (certainty !== 'real') return '';
  return Math.abs(test!.delta) === 1 ? `real: every seed ${way}` : `real: ${way} in ${most(test!.delta)}`;
}

/** Cliff's delta as a share of pairs: those that went its way, ties by half. */
function most(delta: number): string {
  return `${Math.round(((1 + Math.abs(delta)) / 2) * 100)}%`;
}

/** What happened to a figure and how sure that is, in a sentence or two. */
export function figureSentence(figure: FigureChange): string {
  const { name, unit, base, candidate, change, allowed, certainty } = figure;
  const [way, size] = [change! > 0 ? 'more' : 'less', shownFigure({ unit }, Math.abs(change!))];
  const by = unit === 'share' ? `${shownChange(figure)}` : `${size} ${way}`;
  const what = `${name}: ${shownFigure(figure, base)} → ${shownFigure(figure, candidate)}, ${by}${between(figure)}; allowed is ${allowed}.`;
  return `${what}${certainty === 'real' || certainty === 'chance' ? ` ${sureness(figure)}` : ''}`;
}

function between({ test, unit }: FigureChange): string {
  const { interval } = test ?? {};
  if (!interval) return '';
  const [low, high] = [interval.low, interval.high].map((bound) =>
    signed(bound, unit === 'share' ? `${tidy(Math.abs(bound) * 100)}pp` : shownFigure({ unit }, Math.abs(bound))),
  );
  return ` (${Math.round(interval.confidence * 100)}% interval ${low} to ${high})`;
}

function sureness({ unit, change, certainty, test }: FigureChange): string {
  const { method, p, delta } = test!;
  const way = unit === 'ms' ? (change! > 0 ? 'slower' : 'faster') : change! > 0 ? 'higher' : 'lower';
  const by = `${method === 'pairs' ? 'seed by seed' : 'Mann-Whitney'}, p = ${shownP(p)}, Cliff's delta ${round(delta)}`;
  if (certainty === 'chance') return `Could be chance (${by}): more seeds would tell.`;
  const every = `every seed of the candidate is ${way}${method === 'pairs' ? ' than the same seed of the base' : ''}`;
  return Math.abs(delta) === 1
    ? `Real: ${every} (${by}).`
    : `Real: ${way} in ${most(delta)} of all pairs of seeds (${by}).`;
}

function shownP(p: number): string {
  return p < 0.0005 ? '< 0.0005' : String(Number(p.toPrecision(1)));
}
