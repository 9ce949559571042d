import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import {
  computeLoadSeries,
  type LoadBin,
  type LoadSeries,
  type LoadSeriesSet,
} from '../../analysis/series/load-series.ts';
import { findPhases } from '../../analysis/series/phases.ts';
import { largest } from '../../analysis/statistics/extremes.ts';
import {
  type ChartContent,
  type ChartMaker,
  elapsedAxis,
  type LeftOut,
  labelStyle,
  limitLine,
  namedLine,
  type Point,
} from './chart-spec.ts';
import { phaseMarks } from './phase-marks.ts';
import { type RequestLimit, requestLimits } from './request-limits.ts';
import { durationText, type RateUnit, rateUnit, shareOf, short } from './words.ts';

/** What became of requests over time: let in and refused, stacked, against the limit; a panel for each of several loads. */
export const loadChart: ChartMaker = { file: 'load.png', needs: [], draw };

/** A limit further above the load than this would press it to the ground; it is then not drawn. */
const MOST_ABOVE = 3;

function draw(run: Run, analysis: Analysis): ChartContent | LeftOut {
  const set = computeLoadSeries(run);
  if (set.whole.total.sent === 0) return { leftOut: 'No request was sent.' };
  const raw = analysis.rawLoad !== null;
  // Chart.js stacks vertical axes from below.
  const shown = set.loads.length > 1 ? set.loads.toReversed() : [set.whole];
  const peak = largest(shown.map(({ bins }) => peakRate(bins, set)));
  const unit = rateUnit(peak);
  const [limit] = requestLimits(run, unit);
  const high = peak * unit.seconds;
  const fits = !raw && limit !== undefined && limit.rate <= MOST_ABOVE * high;
  const panel = {
    set,
    unit,
    limit,
    endS: run.endUs / 1e6,
    top: Math.max(high * (shown.length > 1 ? 1.35 : 1.08), fits ? limit.rate * 1.08 : 0),
    many: shown.length > 1,
  };
  const axes = Object.fromEntries(shown.map((_, index) => [axisId(index), axisOf(panel, index)]));
  const { y, ...others } = axes as { y: object };
  return {
    title: titleOf(run, analysis, set, limit),
    subtitle: subtitleOf(panel, raw, run),
    x: elapsedAxis(run.endUs),
    y: raw
      ? { type: 'logarithmic', format: 'count', title: 'requests per second', ...(limit && { min: limit.rate / 2 }) }
      : y,
    axes: others,
    annotations: [
      ...phaseMarks(run, shown.map((_, index) => axisId(index)).reverse()),
      ...(panel.many ? shown.flatMap((series, index) => panelLabel(series, index, panel)) : []),
    ],
    datasets: shown.flatMap((series, index) =>
      raw ? rawLines(series, panel) : stackOf(series, index, panel, analysis),
    ),
    height: panel.many ? 240 + 150 * shown.length : 600,
  };
}

interface Panel {
  readonly set: LoadSeriesSet;
  readonly unit: RateUnit;
  readonly limit: RequestLimit | undefined;
  readonly endS: number;
  readonly top: number;
  readonly many: boolean;
}

const axisId = (index: number): string => (index === 0 ? 'y' : `y${index}`);

function axisOf({ unit, top, many }: Panel, index: number): object {
  return {
    type: 'linear',
    title: many ? unit.short.slice(1) && `per ${unit.name}` : `requests per ${unit.name}`,
    min: 0,
    max: top,
    ticks: { maxTicksLimit: many ? 4 : 8 },
    ...(many && { stack: 'loads', stackWeight: 1, offset: false, weight: index }),
  };
}

function peakRate(bins: readonly LoadBin[], { bins: time }: LoadSeriesSet): number {
  return largest(bins.map(({ sent }, index) => sent / time.spanS(index)));
}

const PARTS = [
  { of: 'admitted', label: 'let in', colour: 'admitted' },
  { of: 'refused', label: 'refused by the provider', colour: 'rejected' },
  { of: 'byGateway', label: 'refused by the gateway', colour: 'gateway' },
  { of: 'failed', label: 'failed: server error, cut off or unfinished', colour: 'failed' },
] as const;

/** Bars on each other, and over them what the load asked for without retries, and the limit. */
function stackOf({ bins, total }: LoadSeries, index: number, panel: Panel, { gateway }: Analysis): object[] {
  const { set, unit, limit, endS, top } = panel;
  const yAxisID = axisId(index);
  const isTop = index === set.loads.length - 1 || set.loads.length < 2;
  const points = (of: keyof LoadBin): Point[] =>
    bins.map((bin, at) => ({
      x: set.bins.startS(at) + set.bins.lengthS / 2,
      y: (bin[of] / set.bins.spanS(at)) * unit.seconds,
    }));
  const used = PARTS.filter(({ of }) => set.whole.total[of] > 0);
  const labelOf = (of: string, label: string): string =>
    of === 'byGateway' && gateway ? gatewayLabel(gateway.statuses.map(({ status }) => status)) : label;
  const bars = used.map(({ of, label, colour }) => ({
    type: 'bar',
    ...(isTop && { label: labelOf(of, label) }),
    data: points(of),
    yAxisID,
    stack: yAxisID,
    grouped: false,
    barPercentage: 1,
    categoryPercentage: 1,
    backgroundColor: `@${colour}`,
    borderWidth: 0,
    order: 2,
  }));
  const asked =
    total.first < total.sent
      ? [namedLine('first attempts', points('first'), '@offered', { yAxisID, borderWidth: 2 })]
      : [];
  const limited = limit && limit.rate <= top ? [{ ...limitLine(limit.label, limit.rate, 0, endS), yAxisID }] : [];
  return [...limited, ...asked, ...bars];
}

function gatewayLabel(statuses: readonly number[]): string {
  const refused = statuses.every((status) => status === 429 || status === 503);
  return `${refused ? 'refused' : 'refused or failed'} by the gateway (${statuses.slice(0, 3).join(', ')})`;
}

/** On a linear axis, a limit would be invisible next to the rates of raw load; bars cannot be stacked on a logarithmic one. */
function rawLines({ bins }: LoadSeries, { set, limit, endS }: Panel): object[] {
  const points = (of: keyof LoadBin): Point[] =>
    bins.flatMap((bin, at) =>
      bin[of] > 0 ? [{ x: set.bins.startS(at) + set.bins.lengthS / 2, y: bin[of] / set.bins.spanS(at) }] : [],
    );
  const lines = [['sent', 'quiet', 'sent'], ...PARTS.map(({ of, label, colour }) => [of, colour, label])] as [
    keyof LoadBin,
    string,
    string,
  ][];
  return [
    ...(limit ? [limitLine(limit.label, limit.rate, 0, endS)] : []),
    ...lines
      .filter(([of]) => set.whole.total[of] > 0)
      .map(([of, colour, name]) => namedLine(name, points(of), `@${colour}`)),
  ];
}

function panelLabel({ name, calls, callsFailed, total }: LoadSeries, index: number, { top }: Panel): object[] {
  const failed =
    calls === 0 ? 'no call ended' : `${shareOf(callsFailed / calls, 'call', 'calls').toLowerCase()} failed`;
  return [
    {
      type: 'label',
      ...labelStyle(`${name}: ${failed}, ${short(total.sent)} requests for ${short(total.first)} calls`),
      xValue: 0,
      yValue: top,
      yScaleID: axisId(index),
      position: { x: 'start', y: 'start' },
      yAdjust: 2,
    },
  ];
}

function titleOf(
  run: Run,
  { rawLoad, missing }: Analysis,
  set: LoadSeriesSet,
  limit: RequestLimit | undefined,
): string {
  const { total, calls, callsFailed } = set.whole;
  const seconds = Math.max(run.endUs / 1e6, 1e-6);
  const unit = rateUnit(total.sent / seconds);
  const rate = (count: number): string => `${short((count / seconds) * unit.seconds)}${unit.short}`;
  const peak = peakRate(set.whole.bins, set);
  const peakText = peak * seconds > 4 * total.sent ? ` (up to ${rate(peak * seconds)}${peakPlace(run, set)})` : '';
  const rates = `${rate(total.sent)} sent${peakText}, ${rate(total.admitted)} let in`;
  const showsCalls = calls > 0 && !missing.some(({ fact }) => fact === 'caller');
  if (rawLoad !== null || !showsCalls) {
    const share = shareOf(total.admitted / total.sent, 'request', 'requests');
    return `${share} ${total.admitted === 0 ? 'was' : 'were'} let in: ${rates}${limit ? `, ${limit.label}` : ''}`;
  }
  const verb = callsFailed === 0 ? 'fails' : 'fail';
  return `${shareOf(callsFailed / calls, 'call', 'calls')} ${verb}: ${rates}`;
}

/** Where the peak is, if an outage explains it. */
function peakPlace(run: Run, { whole, bins }: LoadSeriesSet): string {
  const rates = whole.bins.map(({ sent }, index) => sent / bins.spanS(index));
  const atUs = bins.startS(rates.indexOf(largest(rates))) * 1e6;
  const outage = findPhases(run).find(
    ({ kind, fromUs, untilUs }) => kind === 'outage' && atUs + bins.lengthS * 1e6 > fromUs && atUs < untilUs,
  );
  return outage ? ' in the outage' : '';
}

function subtitleOf({ set, unit, limit }: Panel, raw: boolean, run: Run): string {
  const { lengthS } = set.bins;
  const averaged = lengthS === unit.seconds ? '' : `, averaged over ${durationText(lengthS * 1e6)}`;
  const retried = set.whole.total.first < set.whole.total.sent;
  const outages = findPhases(run).some(({ kind }) => kind === 'outage');
  return [
    `Requests per ${unit.name}${averaged}.`,
    raw ? 'Each was sent once.' : retried ? 'What is above the blue line is retries.' : '',
    limit?.note ?? '',
    outages ? 'Shaded: the provider fails.' : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
}
