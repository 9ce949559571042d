import { sustainedRate } from '../../../mock-server/admission/period.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { rawLoadReason } from '../../analysis/run/raw-load.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { type Stretch, stretchesOf } from '../../analysis/run/time-series.ts';
import { type ChartSpec, COLOURS, chart, limitLine, line, type Point, short } from './chart-spec.ts';

/** How much was sent, admitted and refused in each second, against what the request limits let through. */
export function loadChart(run: Run): ChartSpec {
  const stretches = stretchesOf(run);
  const { lengthS } = stretches[0]!;
  const endS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const series = (value: (stretch: Stretch) => number): Point[] =>
    stretches.map((stretch) => ({ x: stretch.atS + stretch.lengthS / 2, y: value(stretch) }));
  const limits = requestLimits(run);
  const raw = rawLoadReason(run) !== undefined;
  const rate = (count: number): string => `${short(count / Math.max(1, run.endUs / 1e6))}/s`;
  const total = (value: (stretch: Stretch) => number): number =>
    stretches.reduce((sum, stretch) => sum + value(stretch) * stretch.lengthS, 0);
  const each = lengthS === 1 ? 'in each second' : `a second, over ${formatDuration(lengthS * 1e6)} each`;
  return chart({
    file: 'load.png',
    title:
      `${rate(total(({ admitted }) => admitted))} admitted of ${rate(total(({ attempts }) => attempts))} sent` +
      limits.map(({ perS }) => `; limit ${short(perS)}/s`).join(''),
    subtitle: `Requests ${each}. ${raw ? 'Each was sent once.' : 'Above the first attempts, everything that was sent is retries.'}`,
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: endS },
    // Next to what raw load can send, a limit would lie on the ground.
    y: raw
      ? { type: 'logarithmic', title: 'requests per second' }
      : { type: 'linear', title: 'requests per second', beginAtZero: true },
    datasets: [
      ...limits.map(({ name, perS }) => limitLine(`limit: ${name}, ${short(perS)}/s`, perS, 0, endS)),
      line(
        raw ? 'sent' : 'sent, retries included',
        series(({ attempts }) => attempts),
        COLOURS.quiet,
      ),
      ...(raw
        ? []
        : [
            line(
              'first attempts (offered)',
              series(({ offered }) => offered),
              COLOURS.offered,
            ),
          ]),
      line(
        'admitted',
        series(({ admitted }) => admitted),
        COLOURS.admitted,
      ),
      line(
        'rejected (429)',
        series(({ rejected }) => rejected),
        COLOURS.rejected,
      ),
      ...(stretches.some((stretch) => otherwise(stretch) > LEAST_SEEN)
        ? [line('failed otherwise (5xx, cut off)', series(otherwise), COLOURS.failed)]
        : []),
    ],
  });
}

/** Sums of shares are not exact. */
const LEAST_SEEN = 1e-6;

/** Neither admitted nor refused by a limit: errors of the server, gateways that say 503, connections that broke. */
function otherwise({ attempts, admitted, rejected }: Stretch): number {
  return Math.max(0, attempts - admitted - rejected);
}

/** Windows longer than this, or than the run, say nothing about a second of it. */
const LONGEST_WINDOW_US = 60_000_000;

/** The slowest limit on requests that a chart per second can show; none, or one. */
function requestLimits(run: Run): { name: string; perS: number }[] {
  return run.header.scenario.provider.limits
    .flatMap(({ name, unit, spec }) => {
      const rate = unit === 'requests' ? sustainedRate(spec) : null;
      if (!rate || rate.periodUs > Math.max(LONGEST_WINDOW_US, run.endUs)) return [];
      return [{ name, perS: (rate.amount * 1e6) / rate.periodUs }];
    })
    .sort((a, b) => a.perS - b.perS)
    .slice(0, 1);
}
