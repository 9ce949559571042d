import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { computeTimeSeries, type TimeBin } from '../../analysis/series/time-series.ts';
import { type ChartContent, type ChartMaker, limitLine, line, type Point, short } from './chart-spec.ts';

/** Requests sent, admitted and refused per second, against the request limits. */
export const loadChart: ChartMaker = { file: 'load.png', needs: [], draw };

function draw(run: Run, { rawLoad }: Analysis): ChartContent {
  const bins = computeTimeSeries(run);
  const { lengthS } = bins[0]!;
  const endS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const series = (value: (bin: TimeBin) => number): Point[] =>
    bins.map((bin) => ({ x: bin.atS + bin.lengthS / 2, y: value(bin) }));
  const limits = requestLimits(run);
  const raw = rawLoad !== null;
  const rate = (count: number): string => `${short(count / Math.max(1, run.endUs / 1e6))}/s`;
  const total = (value: (bin: TimeBin) => number): number =>
    bins.reduce((sum, bin) => sum + value(bin) * bin.lengthS, 0);
  const each = lengthS === 1 ? 'per second' : `per second, averaged over ${formatDuration(lengthS * 1e6)}`;
  return {
    title:
      `${rate(total(({ admitted }) => admitted))} admitted of ${rate(total(({ attempts }) => attempts))} sent` +
      limits.map(({ perS }) => `; limit ${short(perS)}/s`).join(''),
    subtitle: `Requests ${each}. ${raw ? 'Each was sent once.' : 'The gap between sent and first attempts is retries.'}`,
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: endS },
    // On a linear axis, a limit would be invisible next to the rates of raw load.
    y: raw
      ? { type: 'logarithmic', title: 'requests per second' }
      : { type: 'linear', title: 'requests per second', beginAtZero: true },
    datasets: [
      ...limits.map(({ name, perS }) => limitLine(`limit: ${name}, ${short(perS)}/s`, perS, 0, endS)),
      line(
        raw ? 'sent' : 'sent, retries included',
        series(({ attempts }) => attempts),
        '@quiet',
      ),
      ...(raw
        ? []
        : [
            line(
              'first attempts (offered)',
              series(({ offered }) => offered),
              '@offered',
            ),
          ]),
      line(
        'admitted',
        series(({ admitted }) => admitted),
        '@admitted',
      ),
      line(
        'refused (429)',
        series(({ rejected }) => rejected),
        '@rejected',
      ),
      ...(bins.some((bin) => otherFailures(bin) > MIN_VISIBLE)
        ? [line('failed (5xx, cut off)', series(otherFailures), '@failed')]
        : []),
    ],
  };
}

/** Sums of shares are inexact, so smaller rates count as zero. */
const MIN_VISIBLE = 1e-6;

/** Attempts neither admitted nor refused by a limit: server errors, 503 of a gateway, broken connections. */
function otherFailures({ attempts, admitted, rejected }: TimeBin): number {
  return Math.max(0, attempts - admitted - rejected);
}

/** A limit with a longer period than this, or than the run, has no meaningful rate per second. */
const MAX_WINDOW_US = 60_000_000;

/** Returns the slowest limit on requests that a chart per second can show, or an empty list. */
function requestLimits(run: Run): { name: string; perS: number }[] {
  return run.header.scenario.provider.limits
    .flatMap(({ name, unit, spec }) => {
      const rate = unit === 'requests' ? sustainedRate(spec) : null;
      if (!rate || rate.periodUs > Math.max(MAX_WINDOW_US, run.endUs)) return [];
      return [{ name, perS: (rate.amount * 1e6) / rate.periodUs }];
    })
    .sort((a, b) => a.perS - b.perS)
    .slice(0, 1);
}
