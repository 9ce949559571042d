import type { Run } from '../../analysis/run/run-view.ts';
import { computeWaits, type WaitCell, type Waits } from '../../analysis/series/waits.ts';
import { largest } from '../../analysis/statistics/extremes.ts';
import { type ChartContent, type ChartMaker, type LeftOut, labelStyle, line, marks } from './chart-spec.ts';
import { durationText, listText, percentText } from './words.ts';

/** Waits that differ by less than this factor are the same. */
const CONSTANT_RATIO = 1.1;
/** Later retries are not drawn: a client that never gives up would squeeze the others. */
const MOST_TRIES = 12;

/** The wait before each retry against the wait that the refusal told, and by the number of the retry. */
export const backoffChart: ChartMaker = { file: 'backoff.png', needs: ['records'], draw };

function draw(run: Run): ChartContent | LeftOut {
  const waits = computeWaits(run);
  if (waits.retries === 0) return { leftOut: 'No call was retried after a refusal.' };
  const sentence = constantText(waits);
  if (sentence) return { leftOut: sentence };
  const [low, high] = rangeOf(waits);
  const against = waits.told > 0;
  const duration = { type: 'logarithmic', format: 'duration', min: low, max: high };
  const tries = triesAxis(waits, against);
  return {
    title: titleOf(waits),
    subtitle: subtitleOf(waits),
    x: against ? { ...duration, title: 'wait that the refusal told', stack: 'panels', stackWeight: 3 } : tries,
    y: { ...duration, title: 'wait before the retry' },
    ...(against && { axes: { tries } }),
    annotations: against ? diagonal(low, high) : [],
    datasets: [...(against ? [bubbles(waits.cells)] : []), ...byTry(waits, against ? 'tries' : 'x')],
  };
}

/** Waits that are all the same need no picture. */
function constantText({ retries, told, early, byTry, retryAfterUs, waitedUs }: Waits): string | undefined {
  const isSame = ({ min, max }: { min: number; max: number }): boolean => max <= min * CONSTANT_RATIO + 1000;
  if (!isSame(waitedUs) || (told > 0 && !isSame(retryAfterUs)) || byTry.length > MOST_TRIES) return undefined;
  const asTold =
    waitedUs.p50 <= retryAfterUs.min * CONSTANT_RATIO ? ', as told' : `; told ${durationText(retryAfterUs.min)}`;
  const asked = told === 0 ? '; no refusal told a wait' : early === 0 ? asTold : undefined;
  const count = retries === 1 ? 'The only retry' : `All ${retries.toLocaleString('en-US')} retries`;
  return asked === undefined ? undefined : `${count} waited ${durationText(waitedUs.p50)}${asked}.`;
}

/** The same for both axes, so that the diagonal is one; margins keep every mark inside. In seconds. */
function rangeOf({ cells }: Waits): [number, number] {
  const values = cells
    .flatMap(({ retryAfterUs, waitedUs }) => [retryAfterUs, waitedUs])
    .filter((us) => !Number.isNaN(us));
  const [min, max] = values.reduce(([a, b], us) => [Math.min(a, us), Math.max(b, us)], [Infinity, 0]);
  return [min / 1.7e6, (max * 1.7) / 1e6];
}

function triesAxis({ byTry }: Waits, beside: boolean): object {
  return {
    axis: 'x',
    type: 'linear',
    title: 'number of the retry',
    min: 0.5,
    max: Math.min(MOST_TRIES, byTry.at(-1)!.number) + 0.5,
    ticks: { stepSize: 1, precision: 0 },
    ...(beside && { position: 'bottom', stack: 'panels', stackWeight: 2, offset: false }),
  };
}

/** One mark for all retries of about the same waits; its area grows with their number. */
function bubbles(cells: readonly WaitCell[]): object {
  const told = cells.filter(({ retryAfterUs }) => !Number.isNaN(retryAfterUs));
  const max = largest(told.map(({ retries }) => retries));
  const data = told.map(({ retryAfterUs, waitedUs, retries }) => ({
    x: retryAfterUs / 1e6,
    y: waitedUs / 1e6,
    text: `${retries} told ${durationText(retryAfterUs)}, waited ${durationText(waitedUs)}`,
  }));
  const radius = told.map(({ retries }) => Number((3 + 11 * Math.sqrt(retries / max)).toFixed(1)));
  return {
    ...marks('retries: the larger, the more', data, '@offered 60%', { borderWidth: 0, clip: 20 }),
    pointRadius: radius,
    pointHoverRadius: radius,
  };
}

/** From the shortest to the longest twentieth of the waits of each retry number, with a mark at the median. */
function byTry({ byTry: all }: Waits, xAxisID: string): object[] {
  const shown = all.filter(({ number }) => number <= MOST_TRIES);
  const spans = shown.flatMap(({ number, p5Us, p95Us }) => [
    { x: number, y: p5Us / 1e6 },
    { x: number, y: p95Us / 1e6 },
    { x: Number.NaN, y: Number.NaN },
  ]);
  const medians = shown.map(({ number, p50Us, retries }) => ({
    x: number,
    y: p50Us / 1e6,
    text: `retry ${number}: median ${durationText(p50Us)} of ${retries}`,
  }));
  return [
    marks('median by retry', medians, '@ink', { xAxisID, pointStyle: 'rectRot', pointRadius: 6, clip: 20 }),
    line('nine of ten', spans, '@requested', { xAxisID, borderWidth: 9, spanGaps: false, clip: 20 }),
  ];
}

function diagonal(low: number, high: number): object[] {
  const middle = Math.sqrt(low * high);
  const text = (content: string, x: number, y: number) => ({
    type: 'label',
    ...labelStyle(content),
    color: '@soft',
    backgroundColor: '@paper 0%',
    xScaleID: 'x',
    yScaleID: 'y',
    xValue: x,
    yValue: y,
  });
  const towards = (from: number, to: number, share: number): number => from * (to / from) ** share;
  return [
    {
      type: 'line',
      xScaleID: 'x',
      yScaleID: 'y',
      xMin: low,
      xMax: high,
      yMin: low,
      yMax: high,
      borderColor: '@limit',
      borderWidth: 2,
      borderDash: [10, 6],
      label: { ...labelStyle('as told'), position: '88%', rotation: 'auto' },
    },
    text('came too early', towards(middle, high, 0.55), towards(low, middle, 0.15)),
    text('waited longer', towards(low, middle, 0.35), towards(middle, high, 0.85)),
  ];
}

function titleOf({ retries, told, early, late, retryAfterUs, waitedUs, byTry: tries }: Waits): string {
  const count = retries.toLocaleString('en-US');
  if (told === 0) {
    const medians = tries.slice(0, 4).map(({ p50Us }) => durationText(p50Us));
    return `No refusal told a wait; retries waited ${listText(medians)}${tries.length > 4 ? ', …' : ''}`;
  }
  const spans = `told ${spanText(retryAfterUs)}, waited ${spanText(waitedUs)}`;
  if (early === told) return `All ${told.toLocaleString('en-US')} retries came too early: ${spans}`;
  if (early > 0.005 * told) return `${percentText(early / told)} of ${count} retries came too early: ${spans}`;
  if (late > 0.5 * told) return `${percentText(late / told)} of retries waited twice as long as told: ${spans}`;
  return `${early === 0 ? 'All' : 'Nearly all'} ${count} retries waited as long as told: ${spans}`;
}

function spanText({ min, max }: { readonly min: number; readonly max: number }): string {
  const [from, to] = [durationText(min), durationText(max)];
  return from === to ? to : `${from} to ${to}`;
}

function subtitleOf({ retries, told, byTry: tries }: Waits): string {
  const last = tries.at(-1)!.number;
  return [
    told > 0
      ? 'Left: each retry by what it was told and what it waited. Right: by its number.'
      : 'By the number of the retry.',
    told > 0 && told < retries ? `${retries - told} were told nothing and are only on the right.` : '',
    last > MOST_TRIES ? `Retries ${MOST_TRIES + 1} to ${last} are left out.` : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
}
